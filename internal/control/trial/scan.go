package trial

import (
	"vigie/internal/control"
	"vigie/internal/gather"
	"vigie/internal/gather/given"
	"vigie/internal/inventory"
	"vigie/internal/kinds"
	"vigie/internal/policy"
	"vigie/internal/scan"
	"vigie/internal/source"
	"vigie/internal/source/files"
	"vigie/internal/source/secrets"
)

// Scan is a scan of paths with the facts that a case states.
func Scan(facts *given.Facts, paths []string, cs []*control.Control, parameter func(string, inventory.Space) policy.Value) scan.Scan {
	now := clock
	if facts.Now != nil {
		now = *facts.Now
	}
	origin := kinds.FromFiles
	if facts.Source != "" {
		origin = kinds.Origin(facts.Source)
	}
	return scan.Scan{
		Unset: facts.Unset(), Controls: cs, Now: now, Gatherers: []gather.Gatherer{facts},
		Source:   &files.Source{Paths: paths, Intake: intakeOf(facts, origin, cs)},
		Settings: func(*inventory.Inventory) control.Settings { return settings(facts, parameter) },
	}
}

func settings(facts *given.Facts, parameter func(string, inventory.Space) policy.Value) control.Settings {
	version := func(s string) control.Version {
		v, err := control.ParseVersion(s)
		if err != nil {
			return control.Version{}
		}
		return v
	}
	set := control.Settings{
		Platform: control.Plain, Cluster: version(facts.ClusterVersion), Target: version(facts.TargetVersion),
		Parameter:   control.WithFigures(facts.Figure, parameter),
		Environment: func(inventory.Space, map[string]string) string { return facts.Environment },
	}
	if facts.Platform != "" {
		set.Platform = control.Platform(facts.Platform)
	}
	return set
}

func intakeOf(facts *given.Facts, origin kinds.Origin, cs []*control.Control) func(*inventory.Builder) *source.Intake {
	return func(b *inventory.Builder) *source.Intake {
		return &source.Intake{
			Builder: b, Scanner: secrets.New(secrets.Options{}), Origin: origin, Origins: facts.Origins(), Target: facts.TargetNamespace,
			Keep: control.Keeps(cs),
		}
	}
}
