package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// limits end a run that leaves them.
type limits struct {
	wall time.Duration
	rss  int64 // bytes
}

// A Sample is one run of one process, as the kernel accounts for it.
type Sample struct {
	Wall, CPU time.Duration // CPU: user and system, all threads
	PeakRSS   int64         // bytes: ru_maxrss of wait4
	Exit      int
	Stdout    []byte // where asked for
	Stderr    string // its end
}

// A command is a process to be measured.
type command struct {
	argv       []string
	dir        string
	keepStdout bool // else it goes to the null device
}

// errLimit says that a run was ended by us; the sample up to then comes with it.
var errLimit = errors.New("ended")

// measure runs a command once. An exit code is no error.
func measure(ctx context.Context, c command, l limits) (Sample, error) {
	cmd := exec.Command(c.argv[0], c.argv[1:]...)
	cmd.Dir = c.dir
	cmd.Env = plainEnv(os.Environ())
	var stdout bytes.Buffer
	stderr := &tail{max: 64 << 10}
	cmd.Stderr = stderr
	if c.keepStdout {
		cmd.Stdout = &stdout
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return Sample{}, fmt.Errorf("start %q: %w", c.argv[0], err)
	}
	guard := watch(ctx, cmd.Process, start, l)
	waited := cmd.Wait()
	wall := time.Since(start)
	ended := guard()
	if exit := (*exec.ExitError)(nil); waited != nil && !errors.As(waited, &exit) {
		return Sample{}, fmt.Errorf("wait for %q: %w", c.argv[0], waited)
	}
	state := cmd.ProcessState
	s := Sample{
		Wall: wall, CPU: state.UserTime() + state.SystemTime(), Exit: state.ExitCode(), Stdout: stdout.Bytes(), Stderr: stderr.String(),
	}
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		s.PeakRSS = usage.Maxrss << 10 // Linux counts in KiB
	}
	return s, ended
}

// watch kills the process once it leaves its limits or the context ends. The function it gives stops the watch and
// says why the process was killed, if it was.
func watch(ctx context.Context, p *os.Process, start time.Time, l limits) func() error {
	stop, result := make(chan struct{}), make(chan error, 1)
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			err := ctx.Err()
			switch {
			case err != nil:
			case time.Since(start) > l.wall:
				err = fmt.Errorf("%w after %s", errLimit, l.wall)
			case residentBytes(p.Pid) > l.rss:
				err = fmt.Errorf("%w beyond %s", errLimit, mebibytes(l.rss))
			}
			if err != nil {
				_ = p.Kill() // it may have ended meanwhile
				result <- err
				return
			}
			select {
			case <-stop:
				result <- nil
				return
			case <-tick.C:
			}
		}
	}()
	return func() error {
		close(stop)
		return <-result
	}
}

// residentBytes is the memory that a process holds now; 0 once it is gone.
func residentBytes(pid int) int64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// plainEnv leaves out what would tune one Go program differently from its defaults.
func plainEnv(env []string) (out []string) {
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case "GOGC", "GOMEMLIMIT", "GODEBUG", "GOMAXPROCS":
		default:
			out = append(out, e)
		}
	}
	return out
}

// A tail keeps the end of what is written to it.
type tail struct {
	buf []byte
	max int
}

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if extra := len(t.buf) - t.max; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.buf) }
