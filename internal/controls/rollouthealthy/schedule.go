package rollouthealthy

import (
	batchv1 "k8s.io/api/batch/v1"

	"vigie/internal/kinds"
)

// parseSchedule reads a CronJob's schedule: in the zone that the schedule itself begins with, else in spec.timeZone,
// else in UTC.
func parseSchedule(o *batchv1.CronJob) (kinds.Schedule, error) {
	zone := "UTC"
	if o.Spec.TimeZone != nil {
		zone = *o.Spec.TimeZone
	}
	return kinds.ParseSchedule(o.Spec.Schedule, zone)
}
