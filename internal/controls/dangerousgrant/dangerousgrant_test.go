package dangerousgrant

import (
	"testing"

	"vigie/internal/control/controltest"
)

func Test(t *testing.T) { controltest.Run(t, Control) }

// TestMatches holds the patterns of allowed-grantees: a star is any text, slashes and colons too.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"Group platform", "Group platform", true},
		{"Group platform", "Group platform-ops", false},
		{"Group platform*", "Group platform-ops", true},
		{"ServiceAccount shop/*", "ServiceAccount shop/deployer", true},
		{"ServiceAccount */deployer", "ServiceAccount shop/deployer", true},
		{"ServiceAccount */deployer", "ServiceAccount shop/redeployer", false},
		{"User *@example.test", "User a:b/c@example.test", true},
		{"User *@example.test", "User a@example.test.evil", false},
		{"*", "User anybody", true},
		{"User a*b*c", "User axbxc", true},
		{"User a*b*c", "User axcxb", false},
		{"User aa*aa", "User aaa", false},
		{"User [a]", "User a", false},
		{"User [a]", "User [a]", true},
	} {
		if got := matches(c.pattern, c.text); got != c.want {
			t.Errorf("%q and %q: %v", c.pattern, c.text, got)
		}
	}
}
