// Checks an audit log with the Go project's own library alone: golang.org/x/mod/sumdb/note and tlog. What we wrote here only
// fetches files and counts.
//
//	check <url> <verifier key> <ca.crt> <client.crt> <client.key> [sizes of older trees ...]
//
// Prints one line for what holds, and exits with 1 at the first thing that does not. Of entries that were pruned it takes the hash
// from the log's tile, and counts them.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type log struct {
	url    string
	client *http.Client
	tiles  map[string][]byte
}

var gone = errors.New("gone")

func (l *log) get(path string) ([]byte, error) {
	response, err := l.client.Get(l.url + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode == 410 {
		return nil, fmt.Errorf("%s: %w", path, gone)
	}
	if response.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

// The library names a tile "tile/8/0/005.p/7": tlog-tiles leaves out the height, which is always 8.
func (l *log) Height() int { return 8 }

func (l *log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		if l.tiles[path] == nil {
			bytes, err := l.get(path)
			if err != nil {
				return nil, err
			}
			l.tiles[path] = bytes
		}
		data = append(data, l.tiles[path])
	}
	return data, nil
}

func (l *log) SaveTiles([]tlog.Tile, [][]byte) {}

// The hashes of a tree, each checked once by the library against the tree's root: it checks whole tiles at each reading.
type checked struct {
	reader tlog.HashReader
	known  map[int64]tlog.Hash
}

func (c *checked) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var missing []int64
	for _, index := range indexes {
		if _, ok := c.known[index]; !ok {
			missing = append(missing, index)
		}
	}
	if len(missing) > 0 {
		read, err := c.reader.ReadHashes(missing)
		if err != nil {
			return nil, err
		}
		for at, hash := range read {
			c.known[missing[at]] = hash
		}
	}
	hashes := make([]tlog.Hash, len(indexes))
	for at, index := range indexes {
		hashes[at] = c.known[index]
	}
	return hashes, nil
}

// Reads all subtrees over one row of 256 entries at once.
func (c *checked) readRow(start, size int64) error {
	end := start + 256
	if end > size {
		end = size
	}
	var indexes []int64
	for level := 0; level < 8; level++ {
		for n := start >> level; (n+1)<<level <= end; n++ {
			indexes = append(indexes, tlog.StoredHashIndex(level, n))
		}
	}
	_, err := c.ReadHashes(indexes)
	return err
}

// The hashes of all entries, made from the entries themselves; and how many of them were pruned, whose hashes the log says.
func (l *log) leaves(size int64) (leaves []tlog.Hash, pruned int, err error) {
	for n := int64(0); n*256 < size; n++ {
		tile := tlog.Tile{H: 8, L: -1, N: n, W: 256}
		if size-n*256 < 256 {
			tile.W = int(size - n*256)
		}
		bundle, err := l.get(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1))
		if errors.Is(err, gone) && tile.W == 256 {
			tile.L = 0
			row, err := l.ReadTiles([]tlog.Tile{tile})
			if err != nil {
				return nil, 0, err
			}
			for at := 0; at < tile.W; at++ {
				var leaf tlog.Hash
				copy(leaf[:], row[0][at*tlog.HashSize:])
				leaves = append(leaves, leaf)
			}
			pruned += tile.W
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		for len(bundle) > 0 {
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			leaves = append(leaves, tlog.RecordHash(bundle[2:end]))
			bundle = bundle[end:]
		}
	}
	return leaves, pruned, nil
}

func main() {
	url, key, files := os.Args[1], os.Args[2], os.Args[3:6]
	certificate, err := tls.LoadX509KeyPair(files[1], files[2])
	must(err)
	ca, err := os.ReadFile(files[0])
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, RootCAs: roots}}
	l := &log{url, &http.Client{Transport: transport}, map[string][]byte{}}

	verifier, err := note.NewVerifier(key)
	must(err)
	checkpoint, err := l.get("checkpoint")
	must(err)
	signed, err := note.Open(checkpoint, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\n")
	if lines[0] != verifier.Name() {
		must(fmt.Errorf("the checkpoint is of %s", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	tree := tlog.Tree{N: size, Hash: root}
	fmt.Printf("checkpoint %d %s signed by %s\n", size, root, verifier.Name())

	leaves, pruned, err := l.leaves(size)
	must(err)
	if int64(len(leaves)) != size {
		must(fmt.Errorf("%d entries in a tree of %d", len(leaves), size))
	}
	hashes := &checked{tlog.TileHashReader(tree, l), map[int64]tlog.Hash{}}
	for index, leaf := range leaves {
		if index%256 == 0 {
			must(hashes.readRow(int64(index), size))
		}
		proof, err := tlog.ProveRecord(size, int64(index), hashes)
		must(err)
		must(tlog.CheckRecord(proof, size, root, int64(index), leaf))
	}
	fmt.Printf("inclusion %d\n", len(leaves))
	if pruned > 0 {
		fmt.Printf("pruned %d\n", pruned)
	}

	for _, word := range os.Args[6:] {
		old, err := strconv.ParseInt(word, 10, 64)
		must(err)
		before, err := tlog.TreeHash(old, hashes)
		must(err)
		proof, err := tlog.ProveTree(size, old, hashes)
		must(err)
		must(tlog.CheckTree(proof, size, root, old, before))
		// The older root once more, from the hashes of the entries alone.
		if naive := rootOf(leaves[:old]); naive != before {
			must(fmt.Errorf("the tree of %d has the root %s, its entries %s", old, before, naive))
		}
		fmt.Printf("consistency %d\n", old)
	}
}

// rootOf hashes entries with the library's own way to store a growing tree.
func rootOf(leaves []tlog.Hash) tlog.Hash {
	var stored storage
	for index, leaf := range leaves {
		added, err := tlog.StoredHashesForRecordHash(int64(index), leaf, &stored)
		must(err)
		stored = append(stored, added...)
	}
	root, err := tlog.TreeHash(int64(len(leaves)), &stored)
	must(err)
	return root
}

type storage []tlog.Hash

func (s *storage) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, index := range indexes {
		hashes = append(hashes, (*s)[index])
	}
	return hashes, nil
}
