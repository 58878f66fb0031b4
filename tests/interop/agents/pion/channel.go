package main

import (
	"fmt"
	"hash/crc32"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

const (
	bufferHigh = 1_048_576
	bufferLow  = 262_144
	look       = 10 * time.Millisecond
)

type received struct {
	Kind string `json:"kind"`
	Size int    `json:"size"`
	Crc  uint32 `json:"crc"`
}

type digest struct {
	Bytes  int    `json:"bytes"`
	Digest uint32 `json:"digest"`
}

type facts struct {
	ID                uint16  `json:"id"`
	Label             string  `json:"label"`
	Protocol          string  `json:"protocol"`
	Ordered           bool    `json:"ordered"`
	MaxRetransmits    *uint16 `json:"maxRetransmits"`
	MaxPacketLifeTime *uint16 `json:"maxPacketLifeTime"`
}

type channel struct {
	*webrtc.DataChannel
	mutex    sync.Mutex
	received []received
	open     bool
	closed   bool
}

func watch(inner *webrtc.DataChannel) *channel {
	it := &channel{DataChannel: inner}
	inner.OnMessage(func(got webrtc.DataChannelMessage) {
		kind := "binary"
		if got.IsString {
			kind = "text"
		}
		it.mutex.Lock()
		defer it.mutex.Unlock()
		it.received = append(it.received, received{kind, len(got.Data), crc32.ChecksumIEEE(got.Data)})
	})
	inner.OnOpen(func() {
		it.mutex.Lock()
		defer it.mutex.Unlock()
		it.open = true
	})
	inner.OnClose(func() {
		it.mutex.Lock()
		defer it.mutex.Unlock()
		it.closed = true
	})
	return it
}

func (it *channel) count() int {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	return len(it.received)
}

func (it *channel) isOpen() bool {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	return it.open
}

func (it *channel) isClosed() bool {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	return it.closed
}

func until(done func() bool, state func() string, limit time.Duration) error {
	for end := time.Now().Add(limit); !done(); time.Sleep(look) {
		if time.Now().After(end) {
			return fmt.Errorf("%s", state())
		}
	}
	return nil
}

func pattern(size, seed int) []byte {
	data := make([]byte, size)
	for at := range data {
		data[at] = byte(seed + 31*at + 17*(at>>8))
	}
	return data
}

func (it *channel) facts() facts {
	return facts{
		*it.ID(), it.Label(), it.Protocol(), it.Ordered(), it.MaxRetransmits(), it.MaxPacketLifeTime(),
	}
}

func (it *channel) sendOne(message message) error {
	if message.Text == nil {
		return it.Send(pattern(message.Size, message.Seed))
	}
	repeat := 1
	if message.Repeat != nil {
		repeat = *message.Repeat
	}
	return it.SendText(strings.Repeat(*message.Text, repeat))
}

func (it *channel) take(count int, limit time.Duration) ([]received, error) {
	state := func() string {
		return fmt.Sprintf("%d of %d messages came, the channel is %s", it.count(), count, it.ReadyState())
	}
	if err := until(func() bool { return it.count() >= count }, state, limit); err != nil {
		return nil, err
	}
	it.mutex.Lock()
	defer it.mutex.Unlock()
	taken := it.received[:count:count]
	it.received = it.received[count:]
	return taken, nil
}

func (it *channel) bulkSend(count, size int, limit time.Duration) (digest, error) {
	cycle := make([][]byte, min(256, count))
	for seed := range cycle {
		cycle[seed] = pattern(size, seed)
	}
	sum := digest{}
	for index := range count {
		if it.BufferedAmount() > bufferHigh {
			low := func() bool { return it.BufferedAmount() <= bufferLow }
			state := func() string { return fmt.Sprintf("%d bytes stay buffered", it.BufferedAmount()) }
			if err := until(low, state, limit); err != nil {
				return sum, err
			}
		}
		data := cycle[index&255]
		if err := it.Send(data); err != nil {
			return sum, err
		}
		sum.Bytes += size
		sum.Digest = sum.Digest*31 + crc32.ChecksumIEEE(data)
	}
	return sum, nil
}

func (it *channel) bulkReceive(count int, limit time.Duration) (digest, error) {
	sum := digest{}
	messages, err := it.take(count, limit)
	for _, one := range messages {
		sum.Bytes += one.Size
		sum.Digest = sum.Digest*31 + one.Crc
	}
	return sum, err
}
