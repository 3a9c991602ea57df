package kinds

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"vigie/internal/inventory"
)

// Storage, as Kubernetes' APIs define it. VolumeSnapshots are those of kubernetes-csi/external-snapshotter.
var (
	PersistentVolumeClaims = register("", "persistentvolumeclaims", "PersistentVolumeClaim", namespaced, func(o *corev1.PersistentVolumeClaim) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	PersistentVolumes      = register("", "persistentvolumes", "PersistentVolume", byCluster, func(o *corev1.PersistentVolume) *metav1.ObjectMeta { return &o.ObjectMeta }, trimVolume)
	StorageClasses         = register("storage.k8s.io", "storageclasses", "StorageClass", byCluster, func(o *storagev1.StorageClass) *metav1.ObjectMeta { return &o.ObjectMeta }, trimClass)
	VolumeSnapshots        = register("snapshot.storage.k8s.io", "volumesnapshots", "VolumeSnapshot", namespaced, func(o *VolumeSnapshot) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// A VolumeSnapshot is a copy of a volume claim in the cluster's own storage.
type VolumeSnapshot struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Source struct {
			Claim string `json:"persistentVolumeClaimName,omitempty"`
		} `json:"source"`
	} `json:"spec"`
	Status struct {
		ReadyToUse   *bool        `json:"readyToUse,omitempty"` // absent: not known
		CreationTime *metav1.Time `json:"creationTime,omitempty"`
		Error        filled       `json:"error,omitempty"` // may be left over from a try before
	} `json:"status,omitempty"`
}

// Outcome reports whether the snapshot can be used. An error beside readiness is old.
func (s *VolumeSnapshot) Outcome() Outcome {
	switch r := s.Status.ReadyToUse; {
	case isTrue(r):
		return Succeeded
	case r != nil && bool(s.Status.Error):
		return Failed
	case r != nil:
		return Running
	}
	return Other
}

// encryptionKeys are the parameters of a StorageClass, and the attributes of a volume, that say whether it is
// encrypted: encrypted of Ceph CSI, AWS EBS and Longhorn, secure of Portworx. Their case does not count.
var encryptionKeys = []string{"encrypted", "secure"}

// trimClass lets go of every parameter but those: some provisioners take passwords there.
func trimClass(c *storagev1.StorageClass) { keepEncryption(c.Parameters) }

func trimVolume(v *corev1.PersistentVolume) {
	if v.Spec.CSI != nil {
		keepEncryption(v.Spec.CSI.VolumeAttributes)
	}
}

func keepEncryption(m map[string]string) {
	for k := range m {
		if !slices.Contains(encryptionKeys, strings.ToLower(k)) {
			delete(m, k)
		}
	}
}

// Encrypted reads the flag of a StorageClass's parameters or of a volume's attributes; said is false where none stands
// there, or none that can be read.
func Encrypted(m map[string]string) (encrypted, said bool) {
	for k, v := range m {
		if !slices.Contains(encryptionKeys, strings.ToLower(k)) {
			continue
		}
		if on, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(v))); err == nil {
			return on, true
		}
	}
	return false, false
}

// DefaultClass reports whether the class is marked as a default, by today's annotation or by the one before it.
func DefaultClass(c *storagev1.StorageClass) bool {
	return c.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" ||
		c.Annotations["storageclass.beta.kubernetes.io/is-default-class"] == "true"
}

// A Claim is a request for a volume: a PersistentVolumeClaim, or the template from which a workload will have one made
// where no such claim was seen.
type Claim struct {
	Ref    inventory.Ref // of the PersistentVolumeClaim, else of the workload that holds the template
	Place  inventory.Place
	Labels map[string]string
	Part   inventory.Part // volume NAME, of a template
	Path   []any          // where its spec stands in the document
	Name   string         // of the claim; of a template, the first claim that will be made of it
	Spec   *corev1.PersistentVolumeClaimSpec
	Meta   *metav1.ObjectMeta            // the claim's own, or the template's
	Object *corev1.PersistentVolumeClaim // nil: a template
	// Ephemeral reports a claim that lives no longer than its pod.
	Ephemeral bool
	Platform  bool // made by the platform: no fault of it is the tenant's
	Uses      []Use
	// Siblings are the claims that other replicas of the same workload have in this one's place, itself among them.
	Siblings []*Claim
}

// Unsure reports a template whose claim was not seen in a list that was not read whole: another claim may stand for it.
func (c *Claim) Unsure(v inventory.View) bool {
	return c.Object == nil && !v.Whole(PersistentVolumeClaims)
}

// Item lets a control speak of the claim.
func (c *Claim) Item() inventory.Item[Claim] {
	return inventory.Item[Claim]{Ref: c.Ref, Place: c.Place, Labels: c.Labels, Object: c}
}

// Class is the name of the storage class that the claim asks for: the annotation before Kubernetes 1.6 counts first.
// named is false where the claim says nothing, and the cluster's default is taken.
func (c *Claim) Class() (name string, named bool) {
	if n := c.Meta.Annotations["volume.beta.kubernetes.io/storage-class"]; n != "" {
		return n, true
	}
	if c.Spec.StorageClassName == nil {
		return "", false
	}
	return *c.Spec.StorageClassName, true
}

// Served reports a claim that an API server took in: what admission fills in is filled in.
func (c *Claim) Served() bool {
	return c.Object != nil && (c.Object.UID != "" || c.Object.Status.Phase != "")
}

// A Use is a workload that mounts a claim, under a name that its pods give it.
type Use struct {
	Workload *Workload
	Volume   string
}

// ClaimInputs are what claims are made of.
var ClaimInputs = append(slices.Clone(WorkloadInputs), inventory.Input(PersistentVolumeClaims))

// Claims is the join of every claim of a space with the workloads that mount it, claims by name, then templates.
var Claims = inventory.NewJoin(ClaimInputs, func(v inventory.View) []*Claim {
	b := &claimBuilder{by: map[string]*Claim{}, numbered: map[string][]*Claim{}, groups: map[string][]*Claim{}}
	for _, it := range PersistentVolumeClaims.In(v) {
		o := it.Object
		b.add(&Claim{
			Ref: it.Ref, Place: it.Place, Labels: it.Labels, Path: []any{"spec"}, Name: it.Ref.Name, Spec: &o.Spec,
			Meta: &o.ObjectMeta, Object: o, Platform: PlatformOwned(it.Ref.Kind, &o.ObjectMeta), Ephemeral: ofPod(&o.ObjectMeta),
		})
	}
	for _, w := range Workloads.In(v) {
		b.mounts(w)
		b.templates(w)
	}
	for _, key := range slices.Sorted(maps.Keys(b.groups)) {
		group := b.groups[key]
		for _, c := range group {
			if len(group) > len(c.Siblings) {
				c.Siblings = group
			}
		}
	}
	for _, c := range b.all {
		if c.Siblings == nil {
			c.Siblings = []*Claim{c}
		}
	}
	return b.all
})

func ofPod(m *metav1.ObjectMeta) bool {
	kind, _ := ControllerKind(m)
	return kind == "Pod"
}

type claimBuilder struct {
	all      []*Claim
	by       map[string]*Claim   // by name
	numbered map[string][]*Claim // by what stands before the number that the name ends in
	groups   map[string][]*Claim // by workload and volume
}

func (b *claimBuilder) add(c *Claim) {
	if b.by[c.Name] == nil {
		b.by[c.Name] = c
	}
	if i := strings.LastIndexByte(c.Name, '-'); i > 0 {
		if _, err := strconv.ParseUint(c.Name[i+1:], 10, 31); err == nil {
			b.numbered[c.Name[:i+1]] = append(b.numbered[c.Name[:i+1]], c)
		}
	}
	b.all = append(b.all, c)
}

// mounts joins the claims that the pods and the template of a workload name.
func (b *claimBuilder) mounts(w *Workload) {
	seen := map[[2]string]bool{}
	use := func(pod string, spec *corev1.PodSpec) {
		for i := range spec.Volumes {
			v := &spec.Volumes[i]
			name := ""
			switch {
			case v.PersistentVolumeClaim != nil:
				name = v.PersistentVolumeClaim.ClaimName
			case v.Ephemeral != nil && pod != "":
				name = pod + "-" + v.Name
			}
			c := b.by[name]
			if c == nil || c.Object == nil || seen[[2]string{name, v.Name}] {
				continue
			}
			seen[[2]string{name, v.Name}] = true
			b.use(c, w, v.Name)
		}
	}
	if w.TemplatePath != nil {
		use("", &w.Template.Spec)
	}
	for _, p := range w.Pods {
		if running(p.Object) {
			use(p.Ref.Name, &p.Object.Spec)
		}
	}
}

func (b *claimBuilder) use(c *Claim, w *Workload, volume string) {
	c.Uses = append(c.Uses, Use{w, volume})
	key := w.Ref.Kind + "/" + w.Ref.Name + "/" + volume
	b.groups[key] = append(b.groups[key], c)
}

// templates adds the templates of claims that a workload holds. A StatefulSet's claim is named after the template, the
// set and the replica (Kubernetes, "StatefulSets"): where such claims were seen they stand for the template.
func (b *claimBuilder) templates(w *Workload) {
	for i := range statefulTemplates(w) {
		t := &statefulTemplates(w)[i]
		prefix := t.Name + "-" + w.Ref.Name + "-"
		made := b.numbered[prefix]
		for _, c := range made {
			if !slices.ContainsFunc(c.Uses, func(u Use) bool { return u.Workload == w }) {
				b.use(c, w, t.Name)
			}
		}
		if len(made) == 0 {
			b.template(w, t.Name, []any{"spec", "volumeClaimTemplates", i, "spec"}, &t.ObjectMeta, &t.Spec, prefix+"0", false)
		}
	}
	if w.TemplatePath == nil {
		return // the pod itself: its claims were made
	}
	for i := range w.Template.Spec.Volumes {
		v := &w.Template.Spec.Volumes[i]
		if v.Ephemeral == nil || v.Ephemeral.VolumeClaimTemplate == nil || b.seenOf(w, v.Name) {
			continue
		}
		t := v.Ephemeral.VolumeClaimTemplate
		at := append(slices.Clone(w.TemplatePath), "spec", "volumes", i, "ephemeral", "volumeClaimTemplate", "spec")
		b.template(w, v.Name, at, &t.ObjectMeta, &t.Spec, w.Ref.Name+"-"+v.Name, true)
	}
}

func statefulTemplates(w *Workload) []corev1.PersistentVolumeClaim {
	if o, ok := w.Object.(*appsv1.StatefulSet); ok {
		return o.Spec.VolumeClaimTemplates
	}
	return nil
}

func (b *claimBuilder) seenOf(w *Workload, volume string) bool {
	return len(b.groups[w.Ref.Kind+"/"+w.Ref.Name+"/"+volume]) > 0
}

func (b *claimBuilder) template(w *Workload, volume string, at []any, m *metav1.ObjectMeta, spec *corev1.PersistentVolumeClaimSpec, name string, ephemeral bool) {
	b.all = append(b.all, &Claim{
		Ref: w.Ref, Place: w.Place, Labels: m.Labels, Part: inventory.Part{Kind: "volume", Name: volume}, Path: at, Name: name,
		Spec: spec, Meta: m, Ephemeral: ephemeral, Platform: w.Platform, Uses: []Use{{w, volume}},
	})
}
