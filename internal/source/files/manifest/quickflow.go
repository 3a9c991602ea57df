package manifest

// flow reads a collection in flow style that ends in its line, of plain and quoted scalars and such collections.
func (q *quick) flow(at, depth int) (v int32, end int) {
	if depth > quickDepth {
		return q.fail(), at
	}
	isMap := q.text[at] == '{'
	last, self := int32(0), q.add(node{kind: aSeq})
	closing := byte(']')
	if isMap {
		q.nodes[self].kind, closing = aMap, '}'
	}
	at = q.spaces(at + 1)
	for first := true; ; first = false {
		switch {
		case at >= len(q.text):
			return q.fail(), at
		case q.text[at] == closing && first:
			return self, at + 1
		}
		var key []byte
		if isMap {
			var is bool
			if key, at, is = q.key(at); !is || at >= len(q.text) || q.text[at] != ' ' {
				return q.fail(), at
			}
			at = q.spaces(at)
		}
		if v, at = q.flowValue(at, depth); q.bad {
			return 0, at
		}
		q.nodes[v].key = key
		q.link(self, &last, v)
		at = q.spaces(at)
		switch {
		case at >= len(q.text):
			return q.fail(), at
		case q.text[at] == closing:
			return self, at + 1
		case q.text[at] != ',':
			return q.fail(), at
		}
		at = q.spaces(at + 1)
	}
}

func (q *quick) spaces(at int) int {
	for at < len(q.text) && q.text[at] == ' ' {
		at++
	}
	return at
}

func (q *quick) flowValue(at, depth int) (int32, int) {
	if at >= len(q.text) {
		return q.fail(), at
	}
	switch q.text[at] {
	case '"', '\'':
		text, end := q.quoted(at)
		if q.bad {
			return 0, at
		}
		return q.add(node{kind: aText, text: text}), end
	case '[', '{':
		return q.flow(at, depth+1)
	}
	end := at
	for end < len(q.text) && flowSign[q.text[end]] {
		end++
	}
	if end == at || q.text[at] == ' ' || end-at == 1 && q.text[at] == '-' {
		return q.fail(), at
	}
	return q.plain(q.text[at:end]), end
}

// flowSign are the signs of which plain scalars are made in flow style here.
var flowSign = signs("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=+$()^ ")
