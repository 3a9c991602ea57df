package kinds

import "vigie/internal/inventory"

// Owners says who answers for which clause, as the configuration names them: clause id to person or team. It is one
// for the tenant; without an owners section in the configuration it is not collected.
var Owners = &inventory.Fact[map[string]string]{Key: "configured owners", ByCluster: true}

// TrustRoots are the certificates, in PEM, that the tenant trusts: where they are given, a chain is to lead to one of
// them, and one that leads elsewhere is not proven. Not given: not collected.
var TrustRoots = &inventory.Fact[[]string]{Key: "trusted roots", ByCluster: true}
