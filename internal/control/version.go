package control

// Newest is the newest version that the tenant runs or will run: the one to come where it is known and not older than
// the running one. It is not known where neither was given.
func (s Settings) Newest() Version {
	if s.Target.Known() && (!s.Cluster.Known() || s.Target.AtLeast(s.Cluster.Major, s.Cluster.Minor)) {
		return s.Target
	}
	return s.Cluster
}
