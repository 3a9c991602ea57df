package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// The sockets of a cluster, in its folder: the keeper listens on one, the node's process on the other. A socket that is a
// file is reached from every network namespace, and by whoever may open the folder's files.
const (
	keeperSocket = "keeper.sock"
	nodeSocket   = "node.sock"
)

// throughFolder gives use a short path of a socket: the kernel takes 107 bytes, and a folder's own path may have more.
func throughFolder(dir, name string, use func(path string) error) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return use(fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), name))
}

// listenFor answers questions on a socket of the cluster, each on a connection of its own, until stop is called.
func listenFor[Question, Answer any](c Cluster, name string, answer func(Question) Answer) (stop func(), err error) {
	// One that was killed has left its file.
	if err := os.Remove(c.in(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var l *net.UnixListener
	err = throughFolder(c.State, name, func(path string) (err error) {
		l, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.in(name), err)
	}
	l.SetUnlinkOnClose(false) // by then the short path leads elsewhere
	if err := os.Chmod(c.in(name), 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				var q Question
				if json.NewDecoder(conn).Decode(&q) == nil {
					_ = json.NewEncoder(conn).Encode(answer(q)) // who asked may be gone
				}
				_ = conn.Close()
			}()
		}
	}()
	return func() {
		_ = l.Close() // once
		os.Remove(filepath.Join(c.State, name))
	}, nil
}

// ask asks on a socket of the cluster.
func ask[Answer any](c Cluster, name string, question any) (a Answer, err error) {
	var conn net.Conn
	err = throughFolder(c.State, name, func(path string) (err error) {
		conn, err = net.Dial("unix", path)
		return err
	})
	if err != nil {
		return a, fmt.Errorf("ask cluster %d (sandbox status says whether it is up): %w", c.N, err)
	}
	defer func() { _ = conn.Close() }() // all was said
	if err := json.NewEncoder(conn).Encode(question); err != nil {
		return a, fmt.Errorf("ask cluster %d: %w", c.N, err)
	}
	if err := json.NewDecoder(conn).Decode(&a); err != nil {
		return a, fmt.Errorf("cluster %d ended before it answered: %w", c.N, err)
	}
	return a, nil
}
