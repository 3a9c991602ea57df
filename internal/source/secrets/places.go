package secrets

import (
	"bytes"
	"strings"
)

// An area is a part of an object whose keys are data, or have a meaning of their own.
type area uint8

const (
	areaFree        area = iota // any field
	areaRoot                    // the fields of an object itself
	areaMeta                    // metadata, of the object or of a template in it
	areaAnnotations             //
	areaLabels                  //
	areaConfigData              // data of a ConfigMap
	areaBinaryData              // binaryData of a ConfigMap
	areaSecretData              // data of a Secret that stands in another object
	areaSecretText              // its stringData
)

// A frame is what is known of the place where the walker stands.
type frame struct {
	area      area
	place     Place
	name      []byte // by which a string here is judged: its key, or the key of its list
	part      []byte // name of the part where it is not the name
	begin     int    // of the object around
	depth     int
	words     bool // the list is a command or the arguments of one
	container bool // the object is a container
	within    bool // inside a reference to a Secret
}

// A role is what a key means in an object of Kubernetes.
type role uint8

const (
	roleNone role = iota
	roleName
	roleValue
	roleKty
	roleImage
	roleType      // of the object
	roleMeta      // in metadata: what the server writes, names
	roleSkipText  // no string under it is read
	roleSkip      // nothing under it is read
	roleMetadata  //
	roleStatus    //
	roleLabels    //
	roleNotes     // annotations
	roleArgs      //
	roleCommand   //
	roleEnv       //
	roleHeaders   //
	roleContainer // a list of containers
	roleRules     //
	roleValues    // of Helm
	roleHelm      //
	roleTemplate  //
	roleSpec      //
	roleData      //
	roleText      // stringData
	roleBinary    //
)

var roles = func() map[string]role {
	m := make(map[string]role)
	for r, names := range map[role]string{
		roleName:      "name key",
		roleValue:     "value default",
		roleKty:       "kty",
		roleImage:     "image",
		roleType:      "apiVersion kind",
		roleMeta:      "managedFields ownerReferences uid resourceVersion selfLink generateName namespace creationTimestamp finalizers",
		roleSkipText:  "caBundle clientCABundle",
		roleSkip:      "openAPIV3Schema encryptedData matchLabels",
		roleMetadata:  "metadata",
		roleStatus:    "status",
		roleLabels:    "labels",
		roleNotes:     "annotations",
		roleArgs:      "args arguments extraArgs additionalArgs containerArgs",
		roleCommand:   "command cmd entrypoint commands script scripts",
		roleEnv:       "env envs extraEnv extraEnvs envVars extraEnvVars environment Env",
		roleHeaders:   "httpHeaders",
		roleContainer: "containers initContainers ephemeralContainers steps sidecars sidecarContainers extraContainers",
		roleRules:     "rules",
		roleValues:    "values valuesContent",
		roleHelm:      "valuesObject helm set",
		roleTemplate:  "template",
		roleSpec:      "spec parameters",
		roleData:      "data",
		roleText:      "stringData",
		roleBinary:    "binaryData",
	} {
		for name := range words(names) {
			m[name] = r
		}
	}
	return m
}()

// under gives the frame of a member's value, or says that it is not read.
func (w *walker) under(c *frame, key []byte, k *named, first byte, begin int) (child frame, skip bool) {
	child = frame{place: c.place, name: key, begin: begin, depth: c.depth + 1, within: c.within}
	switch c.area {
	case areaMeta:
		return child, w.underMeta(&child, k, first)
	case areaFree, areaRoot:
	default:
		if first == '"' {
			child.area = c.area
		}
		return child, false
	}
	switch k.role {
	case roleArgs:
		child.place, child.words = Args, first == '['
	case roleCommand:
		child.place, child.words = Command, first == '['
	case roleEnv:
		child.place = Env
	case roleHeaders:
		child.place = ProbeHeader
	case roleContainer:
		child.container = first == '['
	case roleRules:
		return child, c.area == areaRoot && (w.kind == "Role" || w.kind == "ClusterRole")
	case roleValues, roleHelm:
		if helmKinds[w.kind] {
			child.place = HelmValues
		}
	}
	if first == '{' {
		skip = w.underObject(c, &child, key, k)
	}
	return child, skip
}

var (
	helmKinds      = words("HelmRelease HelmChart HelmChartConfig Application ApplicationSet HelmApp")
	referenceKinds = words("ExternalSecret ClusterExternalSecret PushSecret SecretProviderClass SecretStore ClusterSecretStore VaultStaticSecret VaultDynamicSecret")
)

// underMeta: names and what the server writes hold no secret; labels and annotations may.
func (w *walker) underMeta(child *frame, k *named, first byte) (skip bool) {
	switch {
	case k.role == roleMeta || k.role == roleName:
		return true
	case first != '{':
	case k.role == roleNotes:
		child.area, child.place = areaAnnotations, Annotation
	case k.role == roleLabels:
		child.area, child.place = areaLabels, Label
	}
	if w.inner {
		child.place = w.asked.hint.place
	}
	return false
}

// underObject enters an object by its key.
func (w *walker) underObject(c, child *frame, key []byte, k *named) (skip bool) {
	switch k.role {
	case roleMetadata:
		child.area = areaMeta
	case roleStatus:
		return c.area == areaRoot && w.kind != ""
	case roleSkip:
		return true
	case roleTemplate:
		child.within = false // of the Secret to be made: literals may stand in it
	case roleSpec:
		child.within = c.within || referenceKinds[w.kind]
	case roleData:
		return w.underData(c, child, areaConfigData, areaSecretData)
	case roleText:
		return w.underData(c, child, areaFree, areaSecretText)
	case roleBinary:
		return w.underData(c, child, areaBinaryData, areaFree)
	case roleNone:
		switch {
		case k.class.noun == nounNone:
		case k.class.ref:
			child.within = child.within || bytes.HasSuffix(key, []byte("Ref"))
		case k.class.noun == nounSecret && bytes.HasSuffix(key, []byte("ecret")):
			child.within = child.within || w.hasMember(w.pos, "secretName", "name")
		case k.class.noun == nounSecret || k.class.noun == nounCredentials:
			child.within = child.within || w.hasMember(w.pos, "secretName")
		}
	}
	return false
}

// underData enters data by the kind of the object that it is of.
func (w *walker) underData(c, child *frame, config, secret area) (skip bool) {
	kind, root := w.kind, c.area == areaRoot && !w.inner
	if !root {
		kind = w.siblingText(child.begin, "kind")
	}
	switch {
	case kind == "ConfigMap" && (!root || w.group == ""):
		child.area = config
		if !w.inner {
			child.place = ConfigMap
		}
	case kind == "Secret" && root:
		return w.group == ""
	case kind == "Secret":
		child.area = secret
		return strings.HasSuffix(w.kind, "List") && !w.inner // its items are Secrets of their own
	case kind == "SealedSecret" || w.kind == "SealedSecret" && c.area == areaFree && secret == areaSecretData && !w.inTemplate():
		return true // ciphertext, in the old form
	}
	return false
}

func (w *walker) inTemplate() bool {
	for _, s := range w.steps {
		if string(s.key) == "template" {
			return true
		}
	}
	return false
}
