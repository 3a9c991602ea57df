package kinds

import "vigie/internal/inventory"

// HighestReleases keeps of each Helm release its highest revision: the next upgrade starts from its manifest.
func HighestReleases(all []inventory.Item[HelmRelease]) (out []inventory.Item[HelmRelease]) {
	at := map[inventory.Ref]int{}
	for _, it := range all {
		i, seen := at[it.Ref]
		switch {
		case !seen:
			at[it.Ref] = len(out)
			out = append(out, it)
		case it.Object.Revision > out[i].Object.Revision:
			out[i] = it
		}
	}
	return out
}
