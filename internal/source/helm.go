package source

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"

	"sigs.k8s.io/yaml"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/source/secrets"
)

// maxRelease bounds what a stored Helm release may unpack to.
const maxRelease = 32 << 20

// stored is the shape of a release as Helm stores it (helm.sh/helm, pkg/release), the fields that are read.
type stored struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Version   int    `json:"version"`
	Info      struct {
		Status string `json:"status"`
	} `json:"info"`
	Manifest string         `json:"manifest"`
	Config   map[string]any `json:"config"`
}

// release takes in the Helm release that a Secret of type helm.sh/release.v1, or a ConfigMap of Helm's, stores.
func (in *Intake) release(holder inventory.Ref, object []byte, place inventory.Place) {
	var h struct {
		Type     string `json:"type"`
		Metadata struct {
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
		Data struct {
			Release string `json:"release"`
		} `json:"data"`
	}
	if kinds.Decode(object, &h) != nil || h.Data.Release == "" || h.Metadata.Labels["owner"] != "helm" && h.Type != "helm.sh/release.v1" {
		return
	}
	layers := 1
	if holder.Kind == "Secret" {
		layers = 2
	}
	rel, err := unpack(h.Data.Release, layers)
	if err != nil {
		in.Builder.AddUnread(inventory.Unread{Place: place, Root: holder.Root, Reason: "helm-release-broken", Ref: holder})
		return
	}
	ref := inventory.Ref{
		Cluster: holder.Cluster, Group: "helm.sh", Kind: "HelmRelease", Namespace: holder.Namespace, Root: holder.Root, Name: rel.Name,
	}
	r := &kinds.HelmRelease{Name: rel.Name, Revision: rel.Version, Status: rel.Info.Status}
	var found []secrets.Sighting
	if in.Scanner != nil {
		found = in.Scanner.Values(rel.Config, "helm-values")
	}
	for _, doc := range bytes.Split([]byte("\n"+rel.Manifest), []byte("\n---")) {
		obj, err := yaml.YAMLToJSON(doc)
		if err != nil {
			continue // Helm itself keeps what it rendered; a fragment that is no YAML holds no object
		}
		var head struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Metadata   struct {
				Name      string `json:"name"`
				Namespace string `json:"namespace"`
			} `json:"metadata"`
		}
		if kinds.Decode(obj, &head) != nil || head.Kind == "" {
			continue
		}
		r.Manifest = append(r.Manifest, kinds.ManifestEntry{
			APIVersion: head.APIVersion, Kind: head.Kind, Namespace: head.Metadata.Namespace, Name: head.Metadata.Name,
		})
		if in.Scanner != nil {
			group, _ := kinds.SplitAPIVersion(head.APIVersion)
			for _, s := range in.Scanner.Object(group, head.Kind, obj) {
				s.Place = "helm-manifest"
				found = append(found, s)
			}
		}
	}
	sighted := sightings(found)
	in.tell(sighted)
	kinds.HelmReleases.Add(in.Builder, inventory.Item[kinds.HelmRelease]{Ref: ref, Place: place, Labels: h.Metadata.Labels, Object: r})
	kinds.Objects.Add(in.Builder, inventory.Item[kinds.Object]{Ref: ref, Place: place, Labels: h.Metadata.Labels, Object: &kinds.Object{
		APIVersion: "helm.sh/v1", Origin: in.origin(place), Sightings: sighted,
	}})
}

// unpack undoes layers of base64, then gzip (absent in old releases), then JSON.
func unpack(text string, layers int) (*stored, error) {
	raw := []byte(text)
	for range layers {
		out := make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
		n, err := base64.StdEncoding.Decode(out, raw)
		if err != nil {
			return nil, errors.New("not base64")
		}
		raw = out[:n]
	}
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b, 8}) {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, errors.New("not gzip")
		}
		if raw, err = io.ReadAll(io.LimitReader(z, maxRelease+1)); err != nil || len(raw) > maxRelease {
			return nil, errors.New("broken or over the limit")
		}
	}
	var rel stored
	if err := json.Unmarshal(raw, &rel); err != nil || rel.Name == "" {
		return nil, errors.New("not a release")
	}
	return &rel, nil
}
