package inventory

import "fmt"

// A State says how far an input could be read in a space. The zero value is never "seen".
type State uint8

// From the least to the most that can be concluded.
const (
	NotCollected State = iota // nobody tried, or nobody could
	Denied                    // refused: a right is missing
	Failed                    // tried, and no complete answer came
	Stale                     // read, but too long ago
	Partial                   // what was seen is true; absence proves nothing
	Complete                  // read whole, possibly empty
	NotServed                 // the cluster is known not to have this kind: whole, and empty
)

var stateNames = [...]string{"not-collected", "denied", "failed", "stale", "partial", "complete", "not-served"}

// String is the state's name in JSON.
func (s State) String() string { return stateNames[s] }

// IsGap reports that nothing of the input can be used.
func (s State) IsGap() bool { return s < Partial }

// Whole reports that an absence from the input proves something.
func (s State) Whole() bool { return s >= Complete }

// ParseState is the inverse of String.
func ParseState(name string) (State, error) {
	for i, n := range stateNames {
		if n == name {
			return State(i), nil
		}
	}
	return NotCollected, fmt.Errorf("unknown state %q: want one of %v", name, stateNames)
}

// A Gap is an input of a space that could not be read whole, with the right or the step that would mend it.
type Gap struct {
	Input  string // as Input.Name gives it
	Space  Space
	State  State
	Detail string // what is missing, in the API's terms ("list pods: forbidden"); no prose, no secret
}

// Unread is a document that was not understood. It makes the lists of its tree partial.
type Unread struct {
	Place  Place
	Root   string         // the tree that it makes partial, as in Space.Root
	Reason string         // key of a sentence, such as "duplicate-key"
	Values map[string]any // for the sentence; never a value of the document
	Ref    Ref            // of the object, as far as it is known
}
