package manifest

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
)

// maxUnpacked bounds what an archive that is rendered may hold in memory at once.
const maxUnpacked = 256 << 20

// contents are what the first pass over an archive finds, for the second.
type contents struct {
	archive *packed
	names   []string          // of files that matter, in order
	last    map[string]int64  // the last entry of a name: what unpacking leaves
	small   map[string][]byte // what the layout needs
	links   map[string]string
	unread  []Problem // with names in the archive, until it is known to which tree each belongs
	layout  *layout
	render  *rendering
	through map[string]string // a file that only a link makes a manifest, and the link's name
}

func (c *contents) at(name string) string { return c.archive.shown + "!" + filepath.FromSlash(name) }

// top is a directory of the archive as the root of a tree.
func (c *contents) top(dir string) string {
	if dir == "." {
		return c.archive.shown
	}
	return c.at(dir)
}

func (c *contents) say(name, reason string, values map[string]any) {
	c.unread = append(c.unread, Problem{File: name, Reason: reason, Values: values})
}

// look notes an entry in the first pass.
func (c *contents) look(e *packedEntry) error {
	switch {
	case e.mode.IsDir():
	case !e.safe:
		c.say(e.name, ReasonArchiveEntryUnsafe, nil)
	case e.mode&fs.ModeSymlink != 0:
		c.links[e.name] = e.link
	case !e.mode.IsRegular():
		if isManifest(e.name) || e.mode&fs.ModeSocket == 0 {
			c.say(e.name, ReasonSpecialFile, map[string]any{"what": specialName(e.mode.Type())})
		}
	default:
		c.last[e.name] = c.archive.entries
		if visit := c.archive.run.visit; visit != nil {
			visit(&Entry{Name: e.name, Size: e.size, open: func() (io.ReadCloser, error) {
				in, err := e.open()
				return io.NopCloser(in), err
			}})
		}
		c.note(e)
	}
	return nil
}

// note keeps the names that matter, and what the layout needs of them.
func (c *contents) note(e *packedEntry) {
	switch {
	case isManifest(e.name):
		c.names = append(c.names, e.name)
		if wanted(e.name) && e.size <= layoutBytes {
			c.small[e.name] = c.content(e)
		}
	case isArchive(e.name):
		c.names = append(c.names, e.name)
		c.archive.foreign(Foreign{File: c.at(e.name), What: WhatArchive})
	}
}

// content is what an entry holds; nil where it cannot be read: the second pass says so.
func (c *contents) content(e *packedEntry) []byte {
	in, err := e.open()
	if err != nil {
		return nil
	}
	data, err := readAll(c.archive.ctx, in, e.size, layoutBytes)
	if err != nil {
		return nil
	}
	return data
}

// plan decides what the last pass reads, and renders what stands in the archive.
func (c *contents) plan() error {
	c.through = map[string]string{}
	for name := range c.links {
		c.follow(name)
	}
	c.layout = c.archive.layoutOf(c.names, func(name string) []byte { return c.small[name] })
	for _, p := range c.unread {
		p.File, p.Root = c.at(p.File), c.top(c.layout.root(p.File))
		c.archive.problem(p)
	}
	c.render = &rendering{argument: c.archive.argument, layout: c.layout, at: c.top, top: c.top}
	if c.archive.renderer == nil || len(c.layout.roots) == 0 {
		c.render.renderAll()
		return nil
	}
	files, err := c.unpack()
	if err != nil {
		return err
	}
	c.render.tree = newMemory(files)
	c.render.renderAll()
	return nil
}

// unpack holds the files of the archive in memory, for a chart or a kustomization that may use any of them. What is too
// large for one is there without what it holds.
func (c *contents) unpack() (map[string][]byte, error) {
	p, files, left := c.archive, map[string][]byte{}, int64(maxUnpacked)
	p.entries, p.out = 0, 0
	err := p.each(func(e *packedEntry) error {
		if !e.safe || !e.mode.IsRegular() || c.last[e.name] != p.entries {
			return nil
		}
		files[e.name] = nil
		if e.size > min(MaxRenderInput, left) {
			return nil
		}
		data, err := c.whole(e, min(MaxRenderInput, left))
		if err == nil { // else it is said when it is read with the others
			files[e.name], left = data, left-int64(len(data))
		}
		if over := (*overError)(nil); errors.As(err, &over) {
			return err
		}
		return p.ctx.Err()
	})
	if over := (*overError)(nil); errors.As(err, &over) || p.ctx.Err() != nil {
		return nil, err
	}
	return files, nil // a broken archive is said when it is read
}

// whole is all that an entry holds.
func (c *contents) whole(e *packedEntry, limit int64) ([]byte, error) {
	in, err := e.open()
	if err != nil {
		return nil, err
	}
	return readAll(c.archive.ctx, in, min(e.size, smallFile), limit)
}

// follow looks where a link in the archive leads.
func (c *contents) follow(name string) {
	to := name
	for hops := 0; ; hops++ {
		next, ok := c.links[to]
		if !ok {
			break
		}
		if hops > maxHops {
			c.say(name, ReasonLinkCycle, nil)
			return
		}
		if to = next; path.IsAbs(to) || !filepath.IsLocal(filepath.FromSlash(to)) {
			c.say(name, ReasonLinkOutside, nil)
			return
		}
	}
	_, isFile := c.last[to]
	switch {
	case isFile && isManifest(name) && !isManifest(to):
		c.through[to] = name
		c.names = append(c.names, name)
	case !isFile && isManifest(name):
		c.say(name, ReasonUnreadable, map[string]any{"why": "the link leads to no file of the archive", "what": "link"})
	}
}

// read reads an entry in the second pass.
func (c *contents) read(e *packedEntry) error {
	p := c.archive
	if !e.safe || !e.mode.IsRegular() || c.last[e.name] != p.entries {
		return nil
	}
	name := e.name
	if link, ok := c.through[name]; ok {
		name = link
	}
	role := c.layout.role(name)
	if !isManifest(name) || role == chartTemplate || c.render.isTaken(e.name, role) {
		return nil
	}
	s := &source{argument: p.argument, file: c.at(name), root: c.top(c.layout.root(name)), base: path.Base(name), role: role}
	if s.described(name) {
		return nil
	}
	if e.size > p.limits.FileBytes {
		s.hand(nil, errTooLarge)
		return nil
	}
	in, err := e.open()
	if err == nil {
		var data []byte // what the header says of the size may be a lie
		if data, err = readAll(p.ctx, in, min(e.size, smallFile), p.limits.FileBytes); err == nil || errors.Is(err, errTooLarge) {
			s.hand(data, err)
			return nil
		}
	}
	if over := (*overError)(nil); p.kind != zipFile || errors.As(err, &over) {
		return err // the stream cannot be read on
	}
	s.fail(ReasonArchiveBroken, map[string]any{"what": brokenHow(err)})
	return nil
}
