package manifest

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An encoder turns what the YAML library gives into JSON, byte for byte what sigs.k8s.io/yaml makes of it, in one pass.
// It refuses what that one leaves to chance: two keys that become one in JSON, such as 1 and "1".
type encoder struct {
	buf     []byte
	members []member
	limit   int // of the JSON's size
	depth   int // how much deeper it may go
	fault   *fault
}

type member struct {
	key   string
	value any
}

// expansion is how many times its text a document's JSON may take, and is still no alias bomb: every character escaped.
const expansion = 8

// encode gives JSON that is the caller's. text is what v was read from.
func (w *worker) encode(v any, text []byte) ([]byte, *fault) {
	e := &w.enc
	e.buf, e.members, e.fault = e.buf[:0], e.members[:0], nil
	e.limit, e.depth = max(int(w.limits.DocumentBytes), expansion*len(text)), int(w.limits.Depth)
	e.value(v)
	if e.fault != nil {
		return nil, w.explain(text)
	}
	out := bytes.Clone(e.buf)
	if cap(e.buf) > 4<<20 { // one large object must not cost every worker its size for ever
		e.buf = nil
	}
	return out, nil
}

// explain says where the encoder's fault is, if that can be told.
func (w *worker) explain(text []byte) *fault {
	f := w.enc.fault
	f.identity = peek(text)
	switch f.reason {
	case ReasonTooDeep:
		f.values["limit"] = w.limits.Depth
	case ReasonDuplicateKey:
		if d := duplicate(text, nil); d != nil {
			return d
		}
	}
	return f
}

func (e *encoder) fail(reason, what string) {
	if e.fault == nil {
		e.fault = &fault{reason: reason, values: map[string]any{}}
		if what != "" {
			e.fault.values["what"] = what
		}
	}
}

func (e *encoder) value(v any) {
	if len(e.buf) > e.limit {
		e.fail(ReasonTooManyAliases, "")
	}
	if e.fault != nil {
		return
	}
	switch v := v.(type) {
	case nil:
		e.buf = append(e.buf, "null"...)
	case string:
		e.buf = appendString(e.buf, v)
	case bool:
		e.buf = strconv.AppendBool(e.buf, v)
	case int:
		e.buf = strconv.AppendInt(e.buf, int64(v), 10)
	case int64:
		e.buf = strconv.AppendInt(e.buf, v, 10)
	case uint64:
		e.buf = strconv.AppendUint(e.buf, v, 10)
	case float64:
		e.float(v)
	case []any:
		e.list(v)
	case map[any]any:
		e.object(v)
	default:
		e.fail(ReasonYAMLSyntax, "bad-tag")
	}
}

func (e *encoder) enter() bool {
	if e.depth--; e.depth < 0 {
		e.fail(ReasonTooDeep, "nesting")
	}
	return e.fault == nil
}

func (e *encoder) list(l []any) {
	if !e.enter() {
		return
	}
	e.buf = append(e.buf, '[')
	for i, v := range l {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.value(v)
	}
	e.buf = append(e.buf, ']')
	e.depth++
}

func (e *encoder) object(m map[any]any) {
	if !e.enter() {
		return
	}
	base := len(e.members)
	for k, v := range m {
		key, ok := keyText(k)
		if !ok {
			e.fail(ReasonYAMLSyntax, "key-not-text")
			return
		}
		e.members = append(e.members, member{key, v})
	}
	mine := e.members[base:]
	slices.SortFunc(mine, func(a, b member) int { return strings.Compare(a.key, b.key) })
	e.buf = append(e.buf, '{')
	for i, f := range mine {
		if i > 0 {
			e.buf = append(e.buf, ',')
			if f.key == mine[i-1].key {
				e.fail(ReasonDuplicateKey, "")
				return
			}
		}
		e.buf = append(appendString(e.buf, f.key), ':')
		e.value(f.value)
	}
	e.buf = append(e.buf, '}')
	clear(mine)
	e.members = e.members[:base]
	e.depth++
}

// keyText is a key as JSON has it; false: null, a list or a map, which no JSON key can be.
func keyText(k any) (string, bool) {
	switch k := k.(type) {
	case string:
		return k, true
	case int:
		return strconv.Itoa(k), true
	case int64:
		return strconv.FormatInt(k, 10), true
	case bool:
		return strconv.FormatBool(k), true
	case float64:
		return floatKey(k), true
	}
	return "", false
}

func floatKey(f float64) string {
	switch s := strconv.FormatFloat(f, 'g', -1, 32); s {
	case "+Inf":
		return ".inf"
	case "-Inf":
		return "-.inf"
	case "NaN":
		return ".nan"
	default:
		return s
	}
}

// float writes a number as encoding/json does.
func (e *encoder) float(f float64) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		e.fail(ReasonYAMLSyntax, "number-not-finite")
		return
	}
	b, err := json.Marshal(f)
	if err != nil {
		e.fail(ReasonYAMLSyntax, "number-not-finite")
		return
	}
	e.buf = append(e.buf, b...)
}

// plain marks the bytes that stand in a JSON string as they are.
var plain = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return t
}()

func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		if plain[s[i]] {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		c, n := utf8.DecodeRuneInString(s[i:])
		dst = appendRune(dst, c, n, s[i:i+n])
		i += n
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

const hex = "0123456789abcdef"

// appendRune writes a character that plain does not hold. Not only JSON's own are escaped: encoding/json does so too.
func appendRune(dst []byte, c rune, n int, raw string) []byte {
	if i := strings.IndexByte("\"\\\b\f\n\r\t", raw[0]); i >= 0 {
		return append(dst, '\\', `"\bfnrt`[i])
	}
	switch {
	case c < utf8.RuneSelf:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	case c == utf8.RuneError && n == 1:
		return append(dst, `\ufffd`...)
	case c == '\u2028' || c == '\u2029':
		return append(dst, '\\', 'u', '2', '0', '2', hex[c&15])
	}
	return append(dst, raw...)
}
