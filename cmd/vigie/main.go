// Command vigie finds out which clauses of the maintenance policy hold. Here are only signals, the worker that the
// program starts of itself, the collector's pace and the exit code.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"vigie/internal/cli"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// A check keeps what it read and makes little garbage of it: collecting a little more often than Go does by
		// itself takes a tenth off the memory and costs no time. Below 50 the marking of a large heap begins to cost.
		debug.SetGCPercent(70)
	}
	if code, is := cli.Worker(os.Args[1:]); is {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, os.Args[1:], cli.OS())
	stop()
	os.Exit(code)
}
