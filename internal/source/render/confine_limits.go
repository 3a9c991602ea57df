//go:build linux || darwin

package render

import (
	"fmt"
	"syscall"
)

// confine takes from this process, for good, what a rendering needs not: new descriptors (so no file, no connection, no
// program, which all need one), files that are written, dumps of its memory, and memory over the limit.
func confine(memory int64) error {
	for _, l := range []struct {
		what int
		max  uint64
		name string
	}{
		{syscall.RLIMIT_CORE, 0, "dumps"},
		{syscall.RLIMIT_FSIZE, 0, "files"},
		{syscall.RLIMIT_DATA, uint64(memory), "memory"},
		{syscall.RLIMIT_NOFILE, 0, "descriptors"},
	} {
		if err := syscall.Setrlimit(l.what, &syscall.Rlimit{Cur: l.max, Max: l.max}); err != nil {
			return fmt.Errorf("bound the worker's %s: %w", l.name, err)
		}
	}
	return nil
}
