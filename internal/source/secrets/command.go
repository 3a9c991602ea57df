package secrets

import (
	"path"
	"strings"
)

// A program takes a password from an option whose name does not say so.
type program struct {
	login  []string // options before user:password, or user%password
	secret []string // options before a password
	glued  string   // an option that a password follows without a space
	needs  string   // the subcommand without which the options mean something else
	at     int      // position of a password among the words after the command, counted from 1; 0: none
}

var programs = map[string]program{
	"curl":        {login: []string{"-u", "--user", "-U", "--proxy-user"}, glued: "-u"},
	"wget":        {},
	"mysql":       {glued: "-p"},
	"mysqldump":   {glued: "-p"},
	"mysqladmin":  {glued: "-p"},
	"mysqlimport": {glued: "-p"},
	"mysqlcheck":  {glued: "-p"},
	"mariadb":     {glued: "-p"}, "mariadb-dump": {glued: "-p"}, "mariadb-admin": {glued: "-p"}, "xtrabackup": {glued: "-p"},
	"sshpass":    {secret: []string{"-p"}, glued: "-p"},
	"redis-cli":  {secret: []string{"-a", "--pass"}},
	"docker":     {secret: []string{"-p"}, needs: "login"},
	"podman":     {secret: []string{"-p"}, needs: "login"},
	"buildah":    {secret: []string{"-p"}, needs: "login"},
	"skopeo":     {secret: []string{"-p"}, login: []string{"--creds", "--src-creds", "--dest-creds"}},
	"crane":      {secret: []string{"-p"}, needs: "login"},
	"helm":       {secret: []string{"-p"}, needs: "login"},
	"oc":         {secret: []string{"-p"}, needs: "login"},
	"az":         {secret: []string{"-p"}, needs: "login"},
	"mongo":      {secret: []string{"-p"}},
	"mongosh":    {secret: []string{"-p"}},
	"mongodump":  {secret: []string{"-p"}},
	"ldapsearch": {secret: []string{"-w"}}, "ldapmodify": {secret: []string{"-w"}}, "ldapadd": {secret: []string{"-w"}}, "ldapwhoami": {secret: []string{"-w"}},
	"smbclient": {login: []string{"-U", "--user"}},
	"lftp":      {login: []string{"-u"}},
	"sqlcmd":    {secret: []string{"-P"}}, "bcp": {secret: []string{"-P"}}, "cqlsh": {secret: []string{"-p"}},
	"rabbitmqctl": {needs: "add_user", at: 3},
	"vault":       {needs: "login", at: 2},
}

// commandStart reports whether a line may call a program that takes passwords by short options.
func commandStart(line string) bool {
	for _, w := range []string{"curl", "mysql", "mariadb", "xtrabackup", "sshpass", "redis-cli", " login", "mongo", "ldap", "smbclient", "lftp", "sqlcmd", "bcp ", "cqlsh", "rabbitmqctl", "chpasswd", "skopeo", "openssl", "-stdin"} {
		if strings.Contains(line, w) {
			return true
		}
	}
	return false
}

// commandLine finds secrets among the words of a command: after options whose names say so, and after the options of
// known programs. before holds the words of a command that these are the arguments of. item of a hit is the index of
// the word in ws.
func (s *Scanner) commandLine(ws, before []string, place Place) (hits []hit) {
	all := append(append(make([]string, 0, len(before)+len(ws)), before...), ws...)
	h := hint{place: place, quoted: true}
	add := func(i int, rule, v string) {
		v = strings.Trim(v, `"'`)
		if i >= len(before) && !strings.HasPrefix(v, "-") && len(v) >= minSecret && !placeholder(v) && !settingValue[bare(v)] && !isPath(v) {
			hits = append(hits, hit{rule: rule, value: v, item: i - len(before)})
		}
	}
	prog, begun := program{}, -1
	sub := false // the subcommand that the program's options need has been seen
	for i, w := range all {
		next := ""
		if i+1 < len(all) {
			next = all[i+1]
		}
		if p, ok := programs[path.Base(w)]; ok && !strings.HasPrefix(w, "-") {
			prog, begun, sub = p, i, p.needs == ""
			continue
		}
		sub = sub || begun >= 0 && prog.needs == w
		switch {
		case strings.HasPrefix(w, "pass:") && i > 0 && strings.HasPrefix(all[i-1], "-pass"): // openssl
			add(i, RuleCommandLine, w[len("pass:"):])
		case w == "chpasswd" && i > 1 && all[i-1] == "|":
			if _, v, ok := strings.Cut(all[i-2], ":"); ok {
				add(i-2, RuleCommandLine, v)
			}
		case strings.HasSuffix(w, "-stdin") && i > 3: // echo value | program --password-stdin
			for j := i - 1; j > max(1, i-16); j-- {
				if all[j] == "|" && (all[j-2] == "echo" || all[j-2] == "printf" || all[j-2] == "-n") {
					add(j-1, RuleCommandLine, all[j-1])
				}
			}
		case begun >= 0 && sub && prog.at > 0 && i-begun == prog.at:
			add(i, RuleCommandLine, w)
		case !strings.HasPrefix(w, "-"):
		case begun >= 0 && sub && prog.option(w, next, i, add):
		default:
			name, _, pair := strings.Cut(strings.TrimLeft(w, "-"), "=")
			if !pair && len(name) > 1 && next != "" && !strings.HasPrefix(next, "-") && judge(s.classOf([]byte(name)), next, h) != "" {
				add(i+1, judge(s.classOf([]byte(name)), next, h), next)
			}
		}
	}
	return hits
}

// option reads one option of the program, with the word after it; it reports whether it was one.
func (p program) option(w, next string, i int, add func(i int, rule, value string)) bool {
	for _, o := range p.login {
		v, at := next, i+1
		if rest, ok := strings.CutPrefix(w, o+"="); ok {
			v, at = rest, i
		} else if w != o {
			continue
		}
		if _, password, ok := cutLogin(v); ok {
			add(at, RuleBasicAuth, password)
		}
		return true
	}
	for _, o := range p.secret {
		if w == o && next != "" && !strings.HasPrefix(next, "-") {
			add(i+1, RuleCommandLine, next)
			return true
		}
	}
	if v, ok := strings.CutPrefix(w, p.glued); ok && p.glued != "" && v != "" && !strings.HasPrefix(w, "--") {
		if p.glued == "-u" {
			if _, password, ok := cutLogin(v); ok {
				add(i, RuleBasicAuth, password)
			}
			return true
		}
		add(i, RuleCommandLine, v)
		return true
	}
	return false
}

func cutLogin(v string) (user, password string, ok bool) {
	v = strings.Trim(v, `"'`)
	for _, sep := range []string{":", "%", ","} {
		if user, password, ok = strings.Cut(v, sep); ok {
			return user, password, true
		}
	}
	return "", "", false
}

// shellWords gives the words of a line as a shell would, without quotes; operators that touch a word stay with it.
func shellWords(line string) (ws []string) {
	var b strings.Builder
	in := byte(0)
	begun := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case in != 0 && c == in:
			in = 0
		case in != 0:
			b.WriteByte(c)
		case c == '"' || c == '\'':
			in, begun = c, true
		case c == ' ' || c == '\t' || c == '\n' || c == ';' || c == ')':
			if begun {
				ws = append(ws, b.String())
			}
			b.Reset()
			begun = false
		default:
			b.WriteByte(c)
			begun = true
		}
	}
	if begun {
		ws = append(ws, b.String())
	}
	return ws
}

// arguments finds the secrets in a list of strings that is a command or the arguments of one.
func (s *Scanner) arguments(list, before []string, a asked) []hit {
	hits := s.commandLine(list, before, a.hint.place)
	for i, v := range list {
		for _, h := range s.examine(v, a) {
			h.item = i
			hits = append(hits, h)
		}
	}
	return single(hits)
}
