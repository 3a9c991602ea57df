// Command csi-driver is a driver of volumes for a cluster of one node: each volume is an XFS file system in a sparse file,
// mounted through a loop device. So its size is real, it grows while it is in use, and a snapshot is a copy taken of a
// frozen file system. It registers itself with the kubelet. It implements what the Container Storage Interface
// (github.com/container-storage-interface/spec, v1) asks of a driver of file systems.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	reg "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const name = "volumes.sandbox.local"

var (
	root   = flag.String("root", "", "folder of volumes and snapshots")
	socket = flag.String("socket", "", "where the driver answers")
	regs   = flag.String("registration", "", "where it registers itself with the kubelet")
	node   = flag.String("node", "", "the node's name")
)

type registration struct {
	reg.UnimplementedRegistrationServer
}

func (registration) GetInfo(context.Context, *reg.InfoRequest) (*reg.PluginInfo, error) {
	return &reg.PluginInfo{Type: reg.CSIPlugin, Name: name, Endpoint: *socket, SupportedVersions: []string{"1.0.0"}}, nil
}

func (registration) NotifyRegistrationStatus(_ context.Context, s *reg.RegistrationStatus) (*reg.RegistrationStatusResponse, error) {
	log.Println("registered with the kubelet:", s.PluginRegistered, s.Error)
	return &reg.RegistrationStatusResponse{}, nil
}

// logged tells of each call that does something, and of each that failed.
func logged(ctx context.Context, q any, i *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
	begin := time.Now()
	r, err := h(ctx, q)
	asks := strings.Contains(i.FullMethod, "Identity") || strings.Contains(i.FullMethod, "Capabilities") || strings.Contains(i.FullMethod, "Stats")
	if err != nil || !asks {
		log.Println(i.FullMethod, time.Since(begin).Round(time.Millisecond), err)
	}
	return r, err
}

func listen(path string, add func(*grpc.Server)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	s := grpc.NewServer(grpc.UnaryInterceptor(logged))
	add(s)
	return s.Serve(l)
}

func main() {
	flag.Parse()
	d := &driver{volumes: filepath.Join(*root, "volumes"), snapshots: filepath.Join(*root, "snapshots")}
	for _, dir := range []string{d.volumes, d.snapshots} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			log.Fatal(err)
		}
	}
	failed := make(chan error)
	go func() {
		failed <- listen(*regs, func(s *grpc.Server) { reg.RegisterRegistrationServer(s, registration{}) })
	}()
	go func() {
		failed <- listen(*socket, func(s *grpc.Server) {
			csi.RegisterIdentityServer(s, d)
			csi.RegisterControllerServer(s, d)
			csi.RegisterNodeServer(s, d)
		})
	}()
	log.Fatal(<-failed)
}
