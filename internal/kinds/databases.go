package kinds

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Databases that keep their own backups: CloudNativePG (cloudnative-pg/cloudnative-pg, api/v1) and Crunchy Postgres for
// Kubernetes (CrunchyData/postgres-operator, pkg/apis/postgres-operator.crunchydata.com/v1beta1).
var (
	CNPGClusters         = register("postgresql.cnpg.io", "clusters", "Cluster", namespaced, func(o *CNPGCluster) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	CNPGScheduledBackups = register("postgresql.cnpg.io", "scheduledbackups", "ScheduledBackup", namespaced, func(o *CNPGScheduledBackup) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	CNPGBackups          = register("postgresql.cnpg.io", "backups", "Backup", namespaced, func(o *CNPGBackupRun) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
	PostgresClusters     = register("postgres-operator.crunchydata.com", "postgresclusters", "PostgresCluster", namespaced, func(o *PostgresCluster) *metav1.ObjectMeta { return &o.ObjectMeta }, nil)
)

// Labels that say whose a volume is.
const (
	cnpgCluster    = "cnpg.io/cluster"
	crunchyCluster = "postgres-operator.crunchydata.com/cluster"
)

// DatabaseOf is the kind and name of the database cluster that an object with these labels and owners belongs to; both
// empty: none.
func DatabaseOf(m *metav1.ObjectMeta) (kind, name string) {
	if n := m.Labels[cnpgCluster]; n != "" {
		return "Cluster", n
	}
	if n := m.Labels[crunchyCluster]; n != "" {
		return "PostgresCluster", n
	}
	for _, o := range m.OwnerReferences {
		if o.Kind == "PostgresCluster" || o.Kind == "Cluster" && strings.HasPrefix(o.APIVersion, "postgresql.cnpg.io/") {
			return o.Kind, o.Name
		}
	}
	return "", ""
}

// A CNPGCluster is a database of CloudNativePG.
type CNPGCluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		EnableSuperuserAccess bool `json:"enableSuperuserAccess,omitempty"`
		Bootstrap             struct {
			InitDB struct {
				Secret NamedReference `json:"secret,omitempty"`
			} `json:"initdb,omitempty"`
		} `json:"bootstrap,omitempty"`
	} `json:"spec,omitempty"`
	Status struct {
		// RFC 3339, as text; of every method of backup, and by method.
		LastSuccessfulBackup         string            `json:"lastSuccessfulBackup,omitempty"`
		LastSuccessfulBackupByMethod map[string]string `json:"lastSuccessfulBackupByMethod,omitempty"`
		Phase                        string            `json:"phase,omitempty"`
	} `json:"status,omitempty"`
}

// MadeSecrets are the Secrets of sign-in data that the operator makes (docs/src/applications.md): for the application,
// unless the cluster was given one, and for the superuser where it may sign in.
func (c *CNPGCluster) MadeSecrets() (names []string) {
	if c.Spec.Bootstrap.InitDB.Secret.Name == "" {
		names = append(names, c.Name+"-app")
	}
	if c.Spec.EnableSuperuserAccess {
		names = append(names, c.Name+"-superuser")
	}
	return names
}

// LastSuccess is the last good backup that the cluster's own status knows; zero: none.
func (c *CNPGCluster) LastSuccess() (last time.Time) {
	texts := []string{c.Status.LastSuccessfulBackup}
	for _, t := range c.Status.LastSuccessfulBackupByMethod {
		texts = append(texts, t)
	}
	for _, text := range texts {
		if t, err := time.Parse(time.RFC3339, text); err == nil && t.After(last) {
			last = t
		}
	}
	return last
}

// A CNPGScheduledBackup makes Backups of a cluster by a schedule whose first field is the second.
type CNPGScheduledBackup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Suspend  bool           `json:"suspend,omitempty"`
		Schedule string         `json:"schedule"`
		Cluster  NamedReference `json:"cluster"`
	} `json:"spec"`
}

// A CNPGBackupRun is a Backup of CloudNativePG.
type CNPGBackupRun struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Cluster NamedReference `json:"cluster"`
	} `json:"spec"`
	Status struct {
		Phase     string       `json:"phase,omitempty"` // a key of CNPGBackupPhases
		StartedAt *metav1.Time `json:"startedAt,omitempty"`
		StoppedAt *metav1.Time `json:"stoppedAt,omitempty"`
	} `json:"status,omitempty"`
}

// Began is the start of the backup, else its creation.
func (b *CNPGBackupRun) Began() time.Time { return firstTime(b.Status.StartedAt, &b.CreationTimestamp) }

// Ended is the end of the backup, else its start.
func (b *CNPGBackupRun) Ended() time.Time {
	return firstTime(b.Status.StoppedAt, b.Status.StartedAt, &b.CreationTimestamp)
}

// A PostgresCluster is a database of Crunchy's, with the schedules of its pgBackRest repositories.
type PostgresCluster struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Shutdown *bool            `json:"shutdown,omitempty"`
		Users    []NamedReference `json:"users,omitempty"`
		Backups  struct {
			PGBackRest struct {
				Repos []PGBackRestRepo `json:"repos,omitempty"`
			} `json:"pgbackrest,omitempty"`
		} `json:"backups,omitempty"`
	} `json:"spec"`
	Status struct {
		PGBackRest *struct {
			ScheduledBackups []PGBackRestRun `json:"scheduledBackups,omitempty"`
			ManualBackup     *PGBackRestRun  `json:"manualBackup,omitempty"`
		} `json:"pgbackrest,omitempty"`
	} `json:"status,omitempty"`
}

// A PGBackRestRepo is one repository, with a cron schedule for each type of backup, in UTC.
type PGBackRestRepo struct {
	Name      string `json:"name"`
	Schedules struct {
		Full         string `json:"full,omitempty"`
		Differential string `json:"differential,omitempty"`
		Incremental  string `json:"incremental,omitempty"`
	} `json:"schedules,omitempty"`
}

// A PGBackRestRun is a backup job as the cluster's status keeps it.
type PGBackRestRun struct {
	StartTime      *metav1.Time `json:"startTime,omitempty"`
	CompletionTime *metav1.Time `json:"completionTime,omitempty"` // of one that ended well
	Active         int          `json:"active,omitempty"`
	Succeeded      int          `json:"succeeded,omitempty"`
	Failed         int          `json:"failed,omitempty"`
}

// MadeSecrets are the Secrets of sign-in data that the operator makes, one for each user; without users there is one
// that is named as the cluster is (access.crunchydata.com, architecture/user-management).
func (c *PostgresCluster) MadeSecrets() (names []string) {
	for _, u := range c.Spec.Users {
		names = append(names, c.Name+"-pguser-"+u.Name)
	}
	if len(names) == 0 {
		names = append(names, c.Name+"-pguser-"+c.Name)
	}
	return names
}

// Crons are the cluster's schedules as they are written.
func (c *PostgresCluster) Crons() (out []string) {
	for _, r := range c.Spec.Backups.PGBackRest.Repos {
		for _, s := range []string{r.Schedules.Full, r.Schedules.Differential, r.Schedules.Incremental} {
			if s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// Runs are the backups that the status knows, scheduled and manual.
func (c *PostgresCluster) Runs() []PGBackRestRun {
	s := c.Status.PGBackRest
	if s == nil {
		return nil
	}
	out := s.ScheduledBackups
	if s.ManualBackup != nil {
		out = append(out[:len(out):len(out)], *s.ManualBackup)
	}
	return out
}

// Outcome is that of the job.
func (r PGBackRestRun) Outcome() Outcome {
	switch {
	case r.Succeeded > 0 && r.CompletionTime != nil:
		return Succeeded
	case r.Active > 0:
		return Running
	case r.Failed > 0:
		return Failed
	}
	return Other
}

// Began is the start of the job; Ended its end, else its start.
func (r PGBackRestRun) Began() time.Time { return firstTime(r.StartTime) }

// Ended is the end of the job, else its start.
func (r PGBackRestRun) Ended() time.Time { return firstTime(r.CompletionTime, r.StartTime) }
