package kinds

import (
	"time"

	"vigie/internal/inventory"
)

// A Commit names a commit of a repository: enough to find it again, and no person.
type Commit struct {
	Hash string    // 40 hexadecimal digits
	At   time.Time // by its committer's clock, in UTC; zero: it names no moment
}

// A PastSecret is a secret that stands in clear in an earlier commit, and no longer in the revision that was read.
type PastSecret struct {
	Sighting
	Commit Commit // the first that holds it
}

// Inputs about a repository's history. Only a source that walked one puts them.
var (
	// PastSecrets has one item for each value: its reference is the object's that held it, its place the file and line in
	// the commit. All stand in the cluster's space, for the namespaces of the past are none of the present.
	PastSecrets = &inventory.Kind[PastSecret]{Resource: "pastsecrets", Kind: "PastSecret", ByCluster: true}
	// SecretsBrought gives the commit that brought each secret, by the digest of its sighting.
	SecretsBrought = &inventory.Fact[map[string]Commit]{Key: "history of secrets", ByCluster: true}
)
