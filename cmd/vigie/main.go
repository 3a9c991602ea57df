// Command vigie finds out which clauses of the maintenance policy hold. Here are only signals and the exit code.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"vigie/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Main(ctx, os.Args[1:], cli.OS())
	stop()
	os.Exit(code)
}
