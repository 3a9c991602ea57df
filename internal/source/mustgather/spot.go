package mustgather

import (
	"path"
	"strings"

	"vigie/internal/source/files/manifest"
)

// A Layout is how a dump is laid out.
type Layout string

// The layouts that are read.
const (
	MustGather Layout = "must-gather" // oc adm must-gather: openshift/must-gather, collection-scripts/gather
	Inspect    Layout = "inspect"     // oc adm inspect: openshift/oc, pkg/cli/admin/inspect
	Insights   Layout = "insights"    // openshift/insights-operator, docs/gathered-data.md and docs/insights-archive-sample
)

// A wrap is how the content of a file becomes an object.
type wrap int

const (
	whole    wrap = iota // it is one, perhaps without kind or metadata
	inSpec               // it is the object's spec
	inState              // it is the object's status
	inData               // it is the object's data
	inKey                // it is the text of one key of a ConfigMap
	exported             // it is one whose first fields are named as in Go: ObjectMeta, Spec, Status
	report               // of the Insights operator about its own gathering
)

// A spot is what the place of a file in a dump says of what it holds. The zero spot says nothing.
type spot struct {
	record          bool // no object: events, figures, logs
	resource             // kind is empty where the place does not tell it
	namespace, name string
	key             string // of a ConfigMap
	list            bool   // if it holds a list, that is all of the resource there
	wrap            wrap
}

// unknownKind is what a document is called that says no kind itself, at a place that does not tell it either. Whoever
// takes the document in looks at it once more.
const unknownKind = "?"

// hint is a spot as the reader takes it.
func (s spot) hint(l Layout) manifest.Hint {
	switch {
	case s.record:
		return manifest.Hint{Foreign: true}
	case s.wrap == inKey, s.wrap == report:
		return manifest.Hint{Raw: true, APIVersion: "v1", Kind: unknownKind}
	case s.kind != "":
		return manifest.Hint{APIVersion: s.apiVersion(), Kind: s.kind}
	case l == Insights:
		return manifest.Hint{APIVersion: unknownKind, Kind: unknownKind}
	}
	return manifest.Hint{}
}

// The folders of a dump that hold objects.
const (
	byNamespace = "namespaces"
	byCluster   = "cluster-scoped-resources"
)

// maxAbove is how many folders may stand above those: a must-gather has one for the run and one for each image.
const maxAbove = 3

// spotOf tells what stands at a place of a dump. name is slash-separated, from the dump's top or a folder above it.
func spotOf(l Layout, name string) spot {
	parts := strings.Split(name, "/")
	if l == Insights {
		return insightsSpot(parts)
	}
	for i := range min(len(parts), maxAbove+1) {
		switch parts[i] {
		case byNamespace:
			return namespaceSpot(parts[i+1:])
		case byCluster:
			return clusterSpot(parts[i+1:])
		}
	}
	return spot{record: true}
}

// stem is a file's name without its ending.
func stem(file string) string { return strings.TrimSuffix(file, path.Ext(file)) }

// groupOf is the API group that a folder stands for.
func groupOf(folder string) string {
	if folder == "core" {
		return ""
	}
	return folder
}

// namespaceSpot reads NS/NS.yaml, NS/pods/POD/POD.yaml, NS/GROUP/RESOURCE.yaml and NS/GROUP/RESOURCE/NAME.yaml.
func namespaceSpot(p []string) spot {
	switch {
	case len(p) < 2:
		return spot{record: true}
	case len(p) == 2 && stem(p[1]) == p[0]:
		return spot{resource: resource{"", "v1", "Namespace", true}, name: p[0]}
	case p[1] == "pods":
		if len(p) == 4 && stem(p[3]) == p[2] {
			return spot{resource: resource{"", "v1", "Pod", false}, namespace: p[0], name: p[2]}
		}
		return spot{record: true} // logs, health checks and versions of containers
	case len(p) == 3:
		return group(p[1], stem(p[2]), spot{namespace: p[0], list: true})
	case len(p) == 4:
		return group(p[1], p[2], spot{namespace: p[0], name: stem(p[3])})
	}
	return spot{record: true}
}

// clusterSpot reads GROUP/RESOURCE.yaml and GROUP/RESOURCE/NAME.yaml.
func clusterSpot(p []string) spot {
	switch len(p) {
	case 2:
		return group(p[0], stem(p[1]), spot{list: true})
	case 3:
		return group(p[0], p[1], spot{name: stem(p[2])})
	}
	return spot{record: true}
}

// group completes a spot by what a group's folder and a resource's name say.
func group(folder, name string, s spot) spot {
	if name == "events" && (folder == "core" || folder == "events.k8s.io") {
		return spot{record: true}
	}
	if r, ok := lookup(groupOf(folder), name); ok {
		s.resource = r
	}
	return s
}
