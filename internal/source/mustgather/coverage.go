package mustgather

import (
	"strings"

	"github.com/go-json-experiment/json"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source/files/manifest"
)

// Details of states, which the reports know in both languages.
const (
	detailHeld   = "only the lists that the dump holds were seen"
	detailBroken = "the list in the dump was not understood whole"
)

// states says which lists the dump holds whole. Each file of a list is one; objects in files of their own are seen in
// part, for nothing says that all have one.
func (k *sink) states() {
	for _, l := range k.lists {
		if l == nil || !l.whole && !l.broken {
			continue
		}
		e, ok := entryOf(l.spot)
		if !ok {
			continue
		}
		at := inventory.Space{Namespace: l.spot.namespace}
		switch {
		case l.broken:
			k.builder.SetState(e.Input, at, inventory.Partial, detailBroken)
		default:
			k.builder.SetState(e.Input, at, inventory.Complete, "")
		}
	}
	for _, g := range k.gathers {
		g.state(k.builder)
	}
}

// entryOf is what the vocabulary has for a list. A list of cluster objects says nothing of a namespace, and the reverse.
func entryOf(s spot) (kinds.Entry, bool) {
	if s.kind == "" {
		return kinds.Entry{}, false
	}
	e, ok := kinds.Lookup(s.group, s.kind)
	return e, ok && e.ByCluster == (s.namespace == "") && !e.Own()
}

// partial says of each space that only some lists of it were seen.
func (k *sink) partial() {
	for _, s := range k.builder.SeenSpaces() {
		k.builder.SetState(kinds.Objects, s, inventory.Partial, detailHeld)
	}
}

// A gather is what the Insights operator says of one of its collectors (insights-operator/gathers.json).
type gather struct {
	Name    string   `json:"name"`
	Records int      `json:"records_count"`
	Errors  []string `json:"errors"`
	Panic   any      `json:"panic"`
}

// wholeGathers are the collectors that take every object of a kind, by docs/gathered-data.md of the operator: the others
// take some, chosen or bounded.
var wholeGathers = map[string]string{
	"operators": "clusteroperators.config.openshift.io", "version": "clusterversions.config.openshift.io",
	"nodes": "nodes", "machine_config_pools": "machineconfigpools.machineconfiguration.openshift.io",
	"authentication": "authentications.config.openshift.io", "oauths": "oauths.config.openshift.io",
	"infrastructures": "infrastructures.config.openshift.io", "ingress": "ingresses.config.openshift.io",
	"image": "images.config.openshift.io", "proxies": "proxies.config.openshift.io",
}

// gathered reads the operator's report on its own gathering.
func (k *sink) gathered(d manifest.Document) {
	var r struct {
		Reports []gather `json:"status_reports"`
	}
	if json.Unmarshal(d.Text, &r) != nil {
		k.Problem(manifest.Problem{File: d.File, Line: 1, Index: 1, Reason: manifest.ReasonJSONSyntax})
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gathers = r.Reports
	k.foreign++
}

// state says of a collector that ended without error and brought something that its list is whole.
func (g gather) state(b *inventory.Builder) {
	resource, ok := wholeGathers[strings.TrimPrefix(g.Name, "clusterconfig/")]
	if !ok || g.Records == 0 || len(g.Errors) > 0 || g.Panic != nil {
		return
	}
	if e, known := kinds.ByResource(resource); known && e.ByCluster {
		b.SetState(e.Input, inventory.Cluster, inventory.Complete, "")
	}
}
