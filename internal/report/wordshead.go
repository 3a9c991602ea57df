package report

import (
	"slices"
	"strings"

	"vigie/internal/control"
	"vigie/internal/lang"
)

// tenant names what was checked: the tenant, or the paths.
func (w *words) tenant(m Meta) string {
	if m.Tenant != "" {
		return lang.Safe(m.Tenant)
	}
	var names []string
	for _, p := range m.Paths {
		if p == "-" {
			p = w.Say("stdin", nil)
		}
		names = append(names, lang.Safe(p))
	}
	return strings.Join(names, ", ")
}

// eyes says what the check could see with.
func (w *words) eyes(m Meta) string {
	switch {
	case m.Source == "git" && len(m.Revisions) > 0:
		return w.revisions(m)
	case m.Layout != "" && m.Collected.IsZero():
		return w.Say("source.mustgather.layout", lang.Values{"layout": m.Layout})
	case m.Layout != "":
		return w.Say("source.mustgather.collected", lang.Values{"layout": m.Layout, "at": w.Moment(m.Collected)})
	}
	if key := "source." + m.Source; lang.Has(key) {
		return w.Say(key, nil)
	}
	return lang.Safe(m.Source)
}

// revisions names the commits that were read, each once.
func (w *words) revisions(m Meta) string {
	var names []string
	for _, r := range m.Revisions {
		asked := r.Asked
		if asked == "" {
			asked = "HEAD"
		}
		name := w.Say("source.git.commit", lang.Values{"commit": r.Commit[:min(len(r.Commit), 12)], "revision": lang.Safe(asked), "at": w.Moment(r.At)})
		if r.At.IsZero() {
			name = w.Say("source.git.undated", lang.Values{"commit": r.Commit[:min(len(r.Commit), 12)], "revision": lang.Safe(asked)})
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	s := w.Say("source.git.revision", lang.Values{"commits": names})
	if m.Commits > 0 {
		s += " " + w.Say("source.git.history", lang.Values{"n": m.Commits})
	}
	return s
}

// versions is the Kubernetes version that runs and the one to come; empty where neither was said.
func (w *words) versions(m Meta) string {
	key := "versions"
	switch {
	case m.ClusterVersion == "" && m.TargetVersion == "":
		return ""
	case m.TargetVersion == "":
		key = "versions.running"
	case m.ClusterVersion == "":
		key = "versions.target"
	}
	return w.Say(key, lang.Values{"running": m.ClusterVersion, "target": m.TargetVersion})
}

// exit says the exit code.
func (w *words) exit(s Summary) string {
	v := lang.Values{"level": s.FailOn}
	if lang.Has("severity." + s.FailOn) {
		v["level"] = w.Say("severity."+s.FailOn, nil)
	}
	switch {
	case s.Exit == 1:
		return w.Say("exit.1", v)
	case s.Exit == 3:
		return w.Say("exit.3", nil)
	case s.Empty:
		return w.Say("exit.empty", nil)
	case s.FailOn == "never":
		return w.Say("exit.never", nil)
	}
	return w.Say("exit.0", v)
}

// totals is the count of findings by severity, and of those that do not count.
func (w *words) totals(s Summary) string {
	n, parts := 0, []string{}
	for _, sev := range control.Severities() {
		if c := s.Severities[sev]; c > 0 {
			n += c
			parts = append(parts, w.Say("total.severity", lang.Values{"n": w.Int(c), "severity": w.severity(sev)}))
		}
	}
	out := []string{w.Say("total.none", nil)}
	if n > 0 {
		out[0] = w.Say("total", lang.Values{"n": n, "parts": strings.Join(parts, ", ")})
	}
	if s.Waived > 0 {
		out = append(out, w.Say("total.waived", lang.Values{"n": s.Waived, "end": w.End(s.WaivedTo)}))
	}
	if s.Baselined > 0 {
		out = append(out, w.Say("total.baselined", lang.Values{"n": s.Baselined}))
	}
	return strings.Join(out, " ")
}
