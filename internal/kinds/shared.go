package kinds

import (
	"bytes"
	"hash/maphash"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	corev1 "k8s.io/api/core/v1"
)

// An application says the same labels in each of its objects, twice over in its selectors, and its neighbours ask for
// the same resources: maps are a quarter of what objects take in memory. So a small map that was read a moment ago is
// handed out again. Maps of objects are read by all and changed by nobody.
type sharing[M any] struct {
	seeds [2]maphash.Seed
	slots [1 << 13]atomic.Pointer[sharedMap[M]] // the last one of each hash: bounded, and nothing to lock
}

type sharedMap[M any] struct {
	keys [2]uint64
	m    M
}

// maxShared is the longest text of a map that is kept for others.
const maxShared = 1 << 10

func newSharing[M any]() *sharing[M] {
	return &sharing[M]{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
}

func (s *sharing[M]) read(dec *jsontext.Decoder, into *M) error {
	text, err := dec.ReadValue()
	if err != nil {
		return err
	}
	if text.Kind() != '{' || len(text) > maxShared {
		return json.Unmarshal(text, into, plainly)
	}
	keys := [2]uint64{maphash.Bytes(s.seeds[0], text), maphash.Bytes(s.seeds[1], text)}
	slot := &s.slots[keys[0]%uint64(len(s.slots))]
	if found := slot.Load(); found != nil && found.keys == keys {
		*into = found.m
		return nil
	}
	made := &sharedMap[M]{keys: keys}
	if err := json.Unmarshal(text, &made.m, plainly); err != nil {
		return err
	}
	*into = made.m
	if !bytes.Contains(text, []byte(lastApplied)) { // it may hold a Secret whole, which nothing is to keep
		slot.Store(made)
	}
	return nil
}

// without gives m without the keys that drop names, and leaves m as it is.
func without(m map[string]string, drop func(key string) bool) map[string]string {
	left := 0
	for k := range m {
		if !drop(k) {
			left++
		}
	}
	if left == len(m) {
		return m
	}
	out := make(map[string]string, left)
	for k, v := range m {
		if !drop(k) {
			out[k] = v
		}
	}
	return out
}

var (
	plainly       = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	decodeOptions = json.JoinOptions(plainly, json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(newSharing[map[string]string]().read),
		json.UnmarshalFromFunc(newSharing[corev1.ResourceList]().read),
	)))
)
