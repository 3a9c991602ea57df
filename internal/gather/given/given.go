// Package given reads facts that are given from outside in a file (--facts): the clock, versions, what a source
// could see, windows, samples. It is how the past is replayed, how a test says what the world was, and how a tenant
// tells Vigie what no manifest holds.
package given

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"vigie/internal/inventory"
	"vigie/internal/kinds"
)

// Facts is the file's form. Every field may be left out; an unknown one is an error.
type Facts struct {
	APIVersion string `yaml:"apiVersion"` // vigie/v1; left out: the same
	Kind       string `yaml:"kind"`       // Facts; left out: the same

	Now             *time.Time        `yaml:"now"`             // the clock, RFC 3339
	Source          string            `yaml:"source"`          // files, git, live, mustgather: where the objects come from
	Sources         map[int]string    `yaml:"sources"`         // document number -> source, for several trees in one file
	TargetNamespace string            `yaml:"targetNamespace"` // where objects without a namespace are applied
	ClusterVersion  string            `yaml:"clusterVersion"`  // the running Kubernetes version, "1.29"
	TargetVersion   string            `yaml:"targetVersion"`   // the one to come
	Environment     string            `yaml:"environment"`     // of every namespace: production, staging
	Platform        string            `yaml:"platform"`        // plain, openshift
	Coverage        []Coverage        `yaml:"coverage"`        // what was asked; with it, a list not named is a gap
	Waivers         []Waiver          `yaml:"waivers"`
	RPO             string            `yaml:"rpo"`       // duration: the declared recovery point objective
	Threshold       *int              `yaml:"threshold"` // X of start failures
	Trust           []string          `yaml:"trust"`     // PEM certificates: roots
	ClockSkew       string            `yaml:"clockSkewTolerance"`
	Windows         []Window          `yaml:"maintenanceWindows"`
	Rollouts        []Rollout         `yaml:"rollouts"`
	ProcessTimeZone string            `yaml:"processTimeZone"`
	Samples         map[string]any    `yaml:"samples"`
	Volumes         []Volume          `yaml:"volumes"`
	Vulnerabilities []Vulnerability   `yaml:"vulnerabilities"`
	Note            string            `yaml:"note"`
	Owners          map[string]string `yaml:"owners"` // clause -> person or team
}

// Coverage is one list (or get) that was asked for, and how it went.
type Coverage struct {
	Resource  string `yaml:"resource"`  // plural[.group]; "*": every kind together
	Namespace string `yaml:"namespace"` // empty: every namespace
	Verb      string `yaml:"verb"`      // list or get
	Result    string `yaml:"result"`    // ok, 403, 404, partial, missing
}

// Waiver is a waiver as a person writes it; the date is judged by who reads it. Its fields are those of the file of
// waivers, in the same order.
type Waiver struct {
	Control       string `yaml:"control"`
	Subject       string `yaml:"subject"`
	Vulnerability string `yaml:"vulnerability"`
	Part          string `yaml:"part"`
	Reason        string `yaml:"reason"`
	Approver      string `yaml:"approver"`
	Expires       string `yaml:"expires"`
}

// Window is a maintenance window: it begins at each time of the schedule.
type Window struct {
	Schedule string `yaml:"schedule"` // cron
	Duration string `yaml:"duration"`
	TimeZone string `yaml:"timeZone"` // IANA; empty: UTC
}

// Rollout says when a workload's rollout began.
type Rollout struct {
	Workload string    `yaml:"workload"`
	At       time.Time `yaml:"at"`
}

// Volume is what the kubelet measures of one volume.
type Volume struct {
	PVC            string `yaml:"pvc"`
	UsedBytes      *int64 `yaml:"usedBytes"`
	AvailableBytes *int64 `yaml:"availableBytes"`
	CapacityBytes  *int64 `yaml:"capacityBytes"`
	Inodes         *int64 `yaml:"inodes"`
	InodesUsed     *int64 `yaml:"inodesUsed"`
	InodesFree     *int64 `yaml:"inodesFree"`
}

// Vulnerability is one row of a scanner's report.
type Vulnerability struct {
	Image     string `yaml:"image"`
	ID        string `yaml:"id"`
	Severity  string `yaml:"severity"`
	FixedIn   string `yaml:"fixedIn"`
	FirstSeen string `yaml:"firstSeen"`
}

// results maps the words of Coverage.Result to states.
var results = map[string]inventory.State{
	"ok": inventory.Complete, "403": inventory.Denied, "404": inventory.NotServed, "partial": inventory.Partial,
	"missing": inventory.NotCollected,
}

// Parse reads a facts file. The error names the line and what would be right.
func Parse(data []byte) (*Facts, error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	f := &Facts{}
	if err := d.Decode(f); err != nil {
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		return nil, fmt.Errorf("facts: %w", err)
	}
	return f, f.check()
}

// originWords are the words of Facts.Source.
var originWords = []string{string(kinds.FromFiles), string(kinds.FromGit), string(kinds.FromLive), string(kinds.FromMustGather)}

// Origins are the origins that the facts give single documents, by number; nil where they give none.
func (f *Facts) Origins() map[int]kinds.Origin {
	if f.Sources == nil {
		return nil
	}
	out := make(map[int]kinds.Origin, len(f.Sources))
	for doc, from := range f.Sources {
		out[doc] = kinds.Origin(from)
	}
	return out
}

func (f *Facts) check() error {
	oneOf := func(field, v string, words ...string) error {
		if v == "" || slices.Contains(words, v) {
			return nil
		}
		return fmt.Errorf("facts: %s %q: want one of %s", field, v, strings.Join(words, ", "))
	}
	for i, c := range f.Coverage {
		if _, ok := results[c.Result]; !ok || c.Resource == "" {
			return fmt.Errorf("facts: coverage %d: want resource (plural[.group]) and result (ok, 403, 404, partial, missing)", i+1)
		}
		if err := oneOf(fmt.Sprintf("coverage %d: verb", i+1), c.Verb, "list", "get"); err != nil {
			return err
		}
	}
	for doc, from := range f.Sources {
		if err := oneOf(fmt.Sprintf("sources: document %d:", doc), from, originWords...); err != nil {
			return err
		}
	}
	for i, text := range f.Trust {
		if block, _ := pem.Decode([]byte(text)); block == nil || !isCertificate(block.Bytes) {
			return fmt.Errorf("facts: trust %d: want a certificate in PEM (-----BEGIN CERTIFICATE-----)", i+1)
		}
	}
	return errors.Join(
		oneOf("source", f.Source, originWords...),
		oneOf("platform", f.Platform, "plain", "openshift"),
		oneOf("environment", f.Environment, "production", "staging"),
		f.checkDuration("rpo", f.RPO), f.checkDuration("clockSkewTolerance", f.ClockSkew),
	)
}

func isCertificate(der []byte) bool {
	_, err := x509.ParseCertificate(der)
	return err == nil
}

func (f *Facts) checkDuration(field, v string) error {
	if v == "" {
		return nil
	}
	if d, err := time.ParseDuration(v); err != nil || d <= 0 {
		return fmt.Errorf("facts: %s %q: want a duration above 0 such as 24h", field, v)
	}
	return nil
}

// Unset is the state of a list that nothing is said of: with coverage a gap, without it complete.
func (f *Facts) Unset() inventory.State {
	if len(f.Coverage) > 0 {
		return inventory.NotCollected
	}
	return inventory.Complete
}

// Figure is the duration that the facts give for a parameter of the policy; "" where they say nothing of it.
func (f *Facts) Figure(parameter string) string {
	switch parameter {
	case "recovery-point":
		return f.RPO
	case "clock-skew":
		return f.ClockSkew
	}
	return ""
}

// Gather implements gather.Gatherer: what was asked and how it went, and who owns what.
func (f *Facts) Gather(_ context.Context, b *inventory.Builder) {
	for _, c := range f.Coverage {
		if c.Namespace != "" {
			b.Touch(inventory.Space{Namespace: c.Namespace})
		}
	}
	for _, c := range f.Coverage {
		if e, known := kinds.ByResource(c.Resource); known && c.Namespace == "" && c.Verb != "get" {
			b.SetOverall(e.Input, results[c.Result], "list "+c.Resource+": "+c.Result)
		}
	}
	for _, s := range b.SeenSpaces() {
		if len(f.Coverage) > 0 {
			b.SetState(kinds.Objects, s, inventory.Partial, "only the lists that were asked for were seen")
		}
		for _, c := range f.Coverage {
			if c.Verb == "get" || c.Namespace != "" && c.Namespace != s.Namespace {
				continue
			}
			detail := "list " + c.Resource + ": " + c.Result
			if e, known := kinds.ByResource(c.Resource); known {
				b.SetState(e.Input, s, results[c.Result], detail)
			} else if c.Resource == "*" {
				b.SetState(kinds.Objects, s, results[c.Result], detail)
			}
		}
	}
	if f.Owners != nil {
		kinds.Owners.Put(b, inventory.Cluster, time.Time{}, f.Owners)
	}
	if f.Trust != nil {
		kinds.TrustRoots.Put(b, inventory.Cluster, time.Time{}, f.Trust)
	}
}
