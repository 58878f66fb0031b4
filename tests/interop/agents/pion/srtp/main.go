// pion's SRTP at the end of a pipe: the commands of ../../../peers/libsrtp_peer.c, one a line, and
// "cryptex" as another word behind the key.
package main

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/srtp/v3"
)

// Of RFC 3711 §3.3.2, in packets, as the other stacks under test have it.
const window = 1024

var contexts = map[string]*srtp.Context{}

func open(id string, profileNumber string, key string, flags []string) error {
	number, err := strconv.ParseUint(profileNumber, 10, 16)
	if err != nil {
		return err
	}
	profile := srtp.ProtectionProfile(number)
	keyBytes, err := profile.KeyLen()
	if err != nil {
		return err
	}
	bytes, err := hex.DecodeString(key)
	if err != nil || len(bytes) < keyBytes {
		return errors.New("key")
	}
	options := []srtp.ContextOption{
		srtp.SRTPReplayProtection(window),
		srtp.SRTCPReplayProtection(window),
	}
	if slices.Contains(flags, "clear_rtcp") {
		options = append(options, srtp.SRTCPNoEncryption())
	}
	if slices.Contains(flags, "cryptex") {
		options = append(options, srtp.Cryptex(srtp.CryptexModeEnabled))
	}
	context, err := srtp.CreateContext(bytes[:keyBytes], bytes[keyBytes:], profile, options...)
	if err != nil {
		return err
	}
	contexts[id] = context
	return nil
}

func transform(context *srtp.Context, verb string, packet []byte) ([]byte, error) {
	switch verb {
	case "protect":
		return context.EncryptRTP(nil, packet, nil)
	case "unprotect":
		return context.DecryptRTP(nil, packet, nil)
	case "protect_rtcp":
		return context.EncryptRTCP(nil, packet, nil)
	case "unprotect_rtcp":
		return context.DecryptRTCP(nil, packet, nil)
	}
	return nil, errors.New("command")
}

// GCM's own error is that of Go's cipher package and has no name.
func refusal(err error) string {
	text := err.Error()
	switch {
	case errors.Is(err, srtp.ErrFailedToVerifyAuthTag),
		strings.Contains(text, "message authentication failed"):
		return "refused authentication"
	case strings.Contains(text, "duplicated"):
		return "refused replay"
	}
	return "refused other"
}

func obey(words []string) string {
	if len(words) == 2 && words[0] == "close" {
		delete(contexts, words[1])
		return "ok"
	}
	if len(words) >= 5 && words[0] == "open" {
		if err := open(words[1], words[3], words[4], words[5:]); err != nil {
			return "error " + err.Error()
		}
		return "ok"
	}
	if len(words) != 3 || contexts[words[1]] == nil {
		return "error command"
	}
	packet, err := hex.DecodeString(words[2])
	if err != nil {
		return "error hexadecimal"
	}
	result, err := transform(contexts[words[1]], words[0], packet)
	if err != nil {
		return refusal(err)
	}
	return "ok " + hex.EncodeToString(result)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(obey(strings.Fields(lines.Text())))
	}
}
