// pion under command: the operations of ../../protocol.ts, one JSON object per line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"
)

type request struct {
	ID      int             `json:"id"`
	Op      string          `json:"op"`
	Args    json.RawMessage `json:"args"`
	LimitMs int             `json:"limitMs"`
}

type arguments struct {
	Pc          string      `json:"pc"`
	Ch          string      `json:"ch"`
	Media       bool        `json:"media"`
	Label       string      `json:"label"`
	Init        channelInit `json:"init"`
	Restart     bool        `json:"restart"`
	Description description `json:"description"`
	Candidate   candidate   `json:"candidate"`
	Message     message     `json:"message"`
	Times       int         `json:"times"`
	Count       int         `json:"count"`
	Size        int         `json:"size"`
	Until       []string    `json:"until"`
}

type channelInit struct {
	Ordered           *bool   `json:"ordered"`
	MaxRetransmits    *uint16 `json:"maxRetransmits"`
	MaxPacketLifeTime *uint16 `json:"maxPacketLifeTime"`
	Protocol          *string `json:"protocol"`
	Negotiated        bool    `json:"negotiated"`
	ID                *uint16 `json:"id"`
}

type description struct {
	Type string `json:"type"`
	Sdp  string `json:"sdp"`
}

type candidate struct {
	Candidate        string  `json:"candidate"`
	SdpMid           *string `json:"sdpMid"`
	SdpMLineIndex    *uint16 `json:"sdpMLineIndex"`
	UsernameFragment *string `json:"usernameFragment"`
}

type message struct {
	Text   *string `json:"text"`
	Repeat *int    `json:"repeat"`
	Size   int     `json:"size"`
	Seed   int     `json:"seed"`
}

type operation func(arguments, time.Duration) (any, error)

var output sync.Mutex

func write(value any) {
	output.Lock()
	defer output.Unlock()
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}

func handle(operations map[string]operation, asked request) {
	var args arguments
	reply := map[string]any{"id": asked.ID}
	err := json.Unmarshal(asked.Args, &args)
	if err == nil {
		run, known := operations[asked.Op]
		if !known {
			err = fmt.Errorf("no operation %s", asked.Op)
		} else {
			reply["result"], err = run(args, time.Duration(asked.LimitMs)*time.Millisecond)
		}
	}
	if err != nil {
		reply["error"] = err.Error()
	}
	write(reply)
}

func main() {
	stack := newStack()
	operations := stack.operations()
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked request
		if err := json.Unmarshal(line, &asked); err != nil {
			panic(err)
		}
		if quick[asked.Op] {
			// These do not wait, and their order counts.
			handle(operations, asked)
		} else {
			go handle(operations, asked)
		}
	}
}
