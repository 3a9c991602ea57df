// A tiny CSI driver for tests: volumes and snapshots are directories below one
// root; it also registers itself with the kubelet (no node-driver-registrar).
//
//	csi-hostpath -root DIR -sock /var/lib/kubelet/plugins/lab/csi.sock -reg /var/lib/kubelet/plugins_registry/lab-reg.sock -node node1
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	reg "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
	"k8s.io/mount-utils"
)

const name = "hostpath.sandbox.local"

var (
	root = flag.String("root", "", "directory holding vol/ and snap/")
	sock = flag.String("sock", "", "CSI socket")
	regs = flag.String("reg", "", "kubelet plugin registration socket")
	node = flag.String("node", "", "node name")
)

type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedNodeServer
}

func vol(id string) string  { return filepath.Join(*root, "vol", filepath.Base(id)) }
func snap(id string) string { return filepath.Join(*root, "snap", filepath.Base(id)) }

func (driver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: name, VendorVersion: "1"}, nil
}
func (driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{Ready: wrapperspb.Bool(true)}, nil
}
func (driver) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	c := func(t csi.PluginCapability_Service_Type) *csi.PluginCapability {
		return &csi.PluginCapability{Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{Type: t}}}
	}
	return &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{
		c(csi.PluginCapability_Service_CONTROLLER_SERVICE), c(csi.PluginCapability_Service_VOLUME_ACCESSIBILITY_CONSTRAINTS)}}, nil
}

func (driver) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	r := &csi.ControllerGetCapabilitiesResponse{}
	for _, t := range []csi.ControllerServiceCapability_RPC_Type{csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME, csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT, csi.ControllerServiceCapability_RPC_CLONE_VOLUME} {
		r.Capabilities = append(r.Capabilities, &csi.ControllerServiceCapability{Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: t}}})
	}
	return r, nil
}

// copyDir copies src to dst through a temporary name, so a half copy is never seen.
func copyDir(src, dst string) error {
	if _, err := os.Stat(src); err != nil {
		return status.Error(codes.NotFound, err.Error())
	}
	tmp := dst + ".tmp"
	os.RemoveAll(tmp)
	if out, err := exec.Command("cp", "-a", "--reflink=auto", src, tmp).CombinedOutput(); err != nil {
		return status.Errorf(codes.Internal, "cp: %v: %s", err, out)
	}
	return os.Rename(tmp, dst)
}

func (driver) CreateVolume(_ context.Context, q *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	id := q.Name
	if _, err := os.Stat(vol(id)); err != nil {
		switch s := q.GetVolumeContentSource(); {
		case s.GetSnapshot() != nil:
			err = copyDir(snap(s.GetSnapshot().SnapshotId), vol(id))
		case s.GetVolume() != nil:
			err = copyDir(vol(s.GetVolume().VolumeId), vol(id))
		default:
			err = os.Mkdir(vol(id), 0o777)
			os.Chmod(vol(id), 0o777)
		}
		if err != nil {
			return nil, err
		}
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{VolumeId: id, CapacityBytes: q.GetCapacityRange().GetRequiredBytes(), ContentSource: q.GetVolumeContentSource(),
		AccessibleTopology: []*csi.Topology{{Segments: map[string]string{name + "/node": *node}}}}}, nil
}
func (driver) DeleteVolume(_ context.Context, q *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	return &csi.DeleteVolumeResponse{}, os.RemoveAll(vol(q.VolumeId))
}
func (driver) ValidateVolumeCapabilities(_ context.Context, q *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: q.VolumeCapabilities}}, nil
}
func (driver) CreateSnapshot(_ context.Context, q *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	if _, err := os.Stat(snap(q.Name)); err != nil {
		if err := copyDir(vol(q.SourceVolumeId), snap(q.Name)); err != nil {
			return nil, err
		}
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{SnapshotId: q.Name, SourceVolumeId: q.SourceVolumeId, CreationTime: timestamppb.Now(), ReadyToUse: true}}, nil
}
func (driver) DeleteSnapshot(_ context.Context, q *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	return &csi.DeleteSnapshotResponse{}, os.RemoveAll(snap(q.SnapshotId))
}

func (driver) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}
func (driver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: *node, AccessibleTopology: &csi.Topology{Segments: map[string]string{name + "/node": *node}}}, nil
}
func (driver) NodePublishVolume(_ context.Context, q *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	if err := os.MkdirAll(q.TargetPath, 0o755); err != nil {
		return nil, err
	}
	m := mount.New("")
	if ok, err := m.IsMountPoint(q.TargetPath); err != nil || ok {
		return &csi.NodePublishVolumeResponse{}, err
	}
	opts := []string{"bind"}
	if q.Readonly {
		opts = append(opts, "ro")
	}
	return &csi.NodePublishVolumeResponse{}, m.Mount(vol(q.VolumeId), q.TargetPath, "", opts)
}
func (driver) NodeUnpublishVolume(_ context.Context, q *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	return &csi.NodeUnpublishVolumeResponse{}, mount.CleanupMountPoint(q.TargetPath, mount.New(""), true)
}

type registration struct {
	reg.UnimplementedRegistrationServer
}

func (registration) GetInfo(context.Context, *reg.InfoRequest) (*reg.PluginInfo, error) {
	return &reg.PluginInfo{Type: reg.CSIPlugin, Name: name, Endpoint: *sock, SupportedVersions: []string{"1.0.0"}}, nil
}
func (registration) NotifyRegistrationStatus(_ context.Context, s *reg.RegistrationStatus) (*reg.RegistrationStatusResponse, error) {
	log.Println("kubelet registration:", s.PluginRegistered, s.Error)
	return &reg.RegistrationStatusResponse{}, nil
}

func serve(path string, add func(*grpc.Server)) {
	os.MkdirAll(filepath.Dir(path), 0o750)
	os.Remove(path)
	l, err := net.Listen("unix", path)
	if err != nil {
		log.Fatal(err)
	}
	s := grpc.NewServer(grpc.UnaryInterceptor(func(c context.Context, q any, i *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
		t := time.Now()
		r, err := h(c, q)
		if !strings.Contains(i.FullMethod, "Identity") && !strings.Contains(i.FullMethod, "Capabilities") {
			b, _ := json.Marshal(q)
			log.Println(i.FullMethod, string(b), time.Since(t).Round(time.Millisecond), err)
		}
		return r, err
	}))
	add(s)
	log.Fatal(s.Serve(l))
}

func main() {
	flag.Parse()
	for _, d := range []string{"vol", "snap"} {
		if err := os.MkdirAll(filepath.Join(*root, d), 0o755); err != nil {
			log.Fatal(err)
		}
	}
	go serve(*regs, func(s *grpc.Server) { reg.RegisterRegistrationServer(s, registration{}) })
	serve(*sock, func(s *grpc.Server) {
		csi.RegisterIdentityServer(s, driver{})
		csi.RegisterControllerServer(s, driver{})
		csi.RegisterNodeServer(s, driver{})
	})
}
