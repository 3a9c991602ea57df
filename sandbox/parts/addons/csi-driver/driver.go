package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	"k8s.io/mount-utils"
)

// smallest is the smallest size of an XFS file system (mkfs.xfs(8)): a smaller claim gets so much.
const smallest = 300 << 20

type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	csi.UnimplementedNodeServer
	volumes, snapshots string
	mu                 sync.Mutex // one change at a time: calls are repeated while the first still runs
}

// Identifiers are names of Kubernetes objects; as a path they are one element.
func (d *driver) volume(id string) string { return filepath.Join(d.volumes, filepath.Base(id)+".img") }
func (d *driver) snapshot(id string) string {
	return filepath.Join(d.snapshots, filepath.Base(id)+".img")
}

func tool(argv ...string) error {
	if said, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		return status.Errorf(codes.Internal, "%s: %v: %s", strings.Join(argv, " "), err, strings.TrimSpace(string(said)))
	}
	return nil
}

func internal(err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	return status.Error(codes.Internal, err.Error())
}

func (*driver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: name, VendorVersion: "1"}, nil
}

func (*driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{Ready: wrapperspb.Bool(true)}, nil
}

func (*driver) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	r := &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{{
		Type: &csi.PluginCapability_VolumeExpansion_{VolumeExpansion: &csi.PluginCapability_VolumeExpansion{Type: csi.PluginCapability_VolumeExpansion_ONLINE}},
	}}}
	for _, t := range []csi.PluginCapability_Service_Type{
		csi.PluginCapability_Service_CONTROLLER_SERVICE, csi.PluginCapability_Service_VOLUME_ACCESSIBILITY_CONSTRAINTS,
	} {
		r.Capabilities = append(r.Capabilities, &csi.PluginCapability{Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{Type: t}}})
	}
	return r, nil
}

func (*driver) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	r := &csi.ControllerGetCapabilitiesResponse{}
	for _, t := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME, csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_CLONE_VOLUME, csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
	} {
		r.Capabilities = append(r.Capabilities, &csi.ControllerServiceCapability{Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: t}}})
	}
	return r, nil
}

// copyImage copies the image of a file system; from below a name of its own, so that half a copy is never taken for one.
func copyImage(from, to string) error {
	if _, err := os.Stat(from); err != nil {
		return status.Error(codes.NotFound, err.Error())
	}
	half := to + ".half"
	if err := tool("cp", "--sparse=always", from, half); err != nil {
		return err
	}
	return os.Rename(half, to)
}

// grow makes an image at least so large; its file system grows when it is mounted, or by NodeExpandVolume.
func grow(image string, size int64) (int64, error) {
	info, err := os.Stat(image)
	if err != nil {
		return 0, status.Error(codes.NotFound, err.Error())
	}
	if info.Size() >= size {
		return info.Size(), nil
	}
	return size, os.Truncate(image, size)
}

func (d *driver) topology() *csi.Topology {
	return &csi.Topology{Segments: map[string]string{name + "/node": *node}}
}

func (d *driver) CreateVolume(_ context.Context, q *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range q.GetVolumeCapabilities() {
		if c.GetMount() == nil {
			return nil, status.Error(codes.InvalidArgument, "this driver has file systems only, no block volumes")
		}
	}
	image, want := d.volume(q.Name), max(smallest, q.GetCapacityRange().GetRequiredBytes())
	if _, err := os.Stat(image); errors.Is(err, os.ErrNotExist) {
		switch s := q.GetVolumeContentSource(); {
		case s.GetSnapshot() != nil:
			err = copyImage(d.snapshot(s.GetSnapshot().SnapshotId), image)
		case s.GetVolume() != nil:
			err = d.copyFrozen(s.GetVolume().VolumeId, image)
		default:
			err = makeImage(image, want)
		}
		if err != nil {
			return nil, internal(err)
		}
	}
	size, err := grow(image, want)
	if err != nil {
		return nil, internal(err)
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId: q.Name, CapacityBytes: size, ContentSource: q.GetVolumeContentSource(), AccessibleTopology: []*csi.Topology{d.topology()},
	}}, nil
}

func makeImage(image string, size int64) error {
	half := image + ".half"
	f, err := os.Create(half)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		return err
	}
	if err := tool("mkfs.xfs", "-q", "-f", "-K", half); err != nil {
		return err
	}
	return os.Rename(half, image)
}

func (d *driver) DeleteVolume(_ context.Context, q *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	return &csi.DeleteVolumeResponse{}, os.RemoveAll(d.volume(q.VolumeId))
}

func (*driver) ValidateVolumeCapabilities(_ context.Context, q *csi.ValidateVolumeCapabilitiesRequest) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	return &csi.ValidateVolumeCapabilitiesResponse{Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: q.VolumeCapabilities}}, nil
}

// ControllerExpandVolume makes the image larger; the node then makes its file system so.
func (d *driver) ControllerExpandVolume(_ context.Context, q *csi.ControllerExpandVolumeRequest) (*csi.ControllerExpandVolumeResponse, error) {
	size, err := grow(d.volume(q.VolumeId), q.GetCapacityRange().GetRequiredBytes())
	if err != nil {
		return nil, internal(err)
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: size, NodeExpansionRequired: true}, nil
}

func (d *driver) CreateSnapshot(_ context.Context, q *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	image := d.snapshot(q.Name)
	if _, err := os.Stat(image); errors.Is(err, os.ErrNotExist) {
		if err := d.copyFrozen(q.SourceVolumeId, image); err != nil {
			return nil, internal(err)
		}
	}
	info, err := os.Stat(image)
	if err != nil {
		return nil, internal(err)
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{
		SnapshotId: q.Name, SourceVolumeId: q.SourceVolumeId, SizeBytes: info.Size(), CreationTime: timestamppb.New(info.ModTime()), ReadyToUse: true,
	}}, nil
}

func (d *driver) DeleteSnapshot(_ context.Context, q *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	return &csi.DeleteSnapshotResponse{}, os.RemoveAll(d.snapshot(q.SnapshotId))
}

// copyFrozen copies a volume's image while nothing is written to it.
func (d *driver) copyFrozen(volume, to string) error {
	at, err := mountOf(d.volume(volume))
	if err != nil {
		return err
	}
	if at != "" {
		if err := tool("fsfreeze", "--freeze", at); err != nil {
			return err
		}
		defer func() { _ = tool("fsfreeze", "--unfreeze", at) }()
	}
	return copyImage(d.volume(volume), to)
}

// mountOf is where an image is mounted, from the loop devices of the kernel; empty: nowhere.
func mountOf(image string) (string, error) {
	said, err := exec.Command("losetup", "--noheadings", "--output", "NAME", "--associated", image).Output()
	if err != nil {
		return "", err
	}
	device := strings.TrimSpace(string(said))
	if device == "" {
		return "", nil
	}
	all, err := mount.New("").List()
	if err != nil {
		return "", err
	}
	for _, m := range all {
		if m.Device == device {
			return m.Path, nil
		}
	}
	return "", nil
}

func (*driver) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	r := &csi.NodeGetCapabilitiesResponse{}
	for _, t := range []csi.NodeServiceCapability_RPC_Type{
		csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME, csi.NodeServiceCapability_RPC_GET_VOLUME_STATS, csi.NodeServiceCapability_RPC_EXPAND_VOLUME,
	} {
		r.Capabilities = append(r.Capabilities, &csi.NodeServiceCapability{Type: &csi.NodeServiceCapability_Rpc{Rpc: &csi.NodeServiceCapability_RPC{Type: t}}})
	}
	return r, nil
}

func (d *driver) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: *node, AccessibleTopology: d.topology()}, nil
}

// NodeStageVolume mounts the image once. A copy has the identity of what it was copied from, which XFS refuses to mount
// twice unless it is told not to look.
func (d *driver) NodeStageVolume(_ context.Context, q *csi.NodeStageVolumeRequest) (*csi.NodeStageVolumeResponse, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := q.StagingTargetPath
	if err := os.MkdirAll(at, 0o755); err != nil {
		return nil, internal(err)
	}
	if ok, err := mount.New("").IsMountPoint(at); err != nil || ok {
		return &csi.NodeStageVolumeResponse{}, err
	}
	if err := tool("mount", "-t", "xfs", "-o", "loop,nouuid", d.volume(q.VolumeId), at); err != nil {
		return nil, err
	}
	if err := errors.Join(tool("xfs_growfs", at), os.Chmod(at, 0o777)); err != nil { //nolint:gosec // anybody's, until the kubelet gives it to a group
		return nil, errors.Join(err, tool("umount", at))
	}
	return &csi.NodeStageVolumeResponse{}, nil
}

func (*driver) NodeUnstageVolume(_ context.Context, q *csi.NodeUnstageVolumeRequest) (*csi.NodeUnstageVolumeResponse, error) {
	return &csi.NodeUnstageVolumeResponse{}, mount.CleanupMountPoint(q.StagingTargetPath, mount.New(""), true)
}

func (*driver) NodePublishVolume(_ context.Context, q *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	if err := os.MkdirAll(q.TargetPath, 0o755); err != nil {
		return nil, internal(err)
	}
	m := mount.New("")
	if ok, err := m.IsMountPoint(q.TargetPath); err != nil || ok {
		return &csi.NodePublishVolumeResponse{}, err
	}
	options := []string{"bind"}
	if q.Readonly {
		options = append(options, "ro")
	}
	return &csi.NodePublishVolumeResponse{}, m.Mount(q.StagingTargetPath, q.TargetPath, "", options)
}

func (*driver) NodeUnpublishVolume(_ context.Context, q *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	return &csi.NodeUnpublishVolumeResponse{}, mount.CleanupMountPoint(q.TargetPath, mount.New(""), true)
}

// NodeExpandVolume makes the mounted file system as large as its image.
func (d *driver) NodeExpandVolume(_ context.Context, q *csi.NodeExpandVolumeRequest) (*csi.NodeExpandVolumeResponse, error) {
	image := d.volume(q.VolumeId)
	info, err := os.Stat(image)
	if err != nil {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	said, err := exec.Command("losetup", "--noheadings", "--output", "NAME", "--associated", image).Output()
	if err != nil {
		return nil, internal(err)
	}
	if err := tool("losetup", "--set-capacity", strings.TrimSpace(string(said))); err != nil {
		return nil, err
	}
	return &csi.NodeExpandVolumeResponse{CapacityBytes: info.Size()}, tool("xfs_growfs", q.VolumePath)
}

func (*driver) NodeGetVolumeStats(_ context.Context, q *csi.NodeGetVolumeStatsRequest) (*csi.NodeGetVolumeStatsResponse, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(q.VolumePath, &s); err != nil {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	block := s.Bsize
	return &csi.NodeGetVolumeStatsResponse{Usage: []*csi.VolumeUsage{
		{Unit: csi.VolumeUsage_BYTES, Total: int64(s.Blocks) * block, Available: int64(s.Bavail) * block, Used: int64(s.Blocks-s.Bfree) * block},
		{Unit: csi.VolumeUsage_INODES, Total: int64(s.Files), Available: int64(s.Ffree), Used: int64(s.Files - s.Ffree)},
	}}, nil
}
