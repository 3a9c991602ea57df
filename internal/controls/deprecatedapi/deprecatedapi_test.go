package deprecatedapi

import (
	"testing"

	"vigie/internal/control/controltest"
)

func Test(t *testing.T) { controltest.Run(t, Control) }
