package main

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pion/webrtc/v4"
)

// Operations that do not wait: they are carried out in the order in which they came.
var quick = map[string]bool{
	"new": true, "channel": true, "offer": true, "answer": true, "remote": true,
	"candidate": true, "send": true, "closeChannel": true,
}

type connection struct {
	*webrtc.PeerConnection
	incoming []*channel
}

type stack struct {
	api         *webrtc.API
	mutex       sync.Mutex
	connections map[string]*connection
	channels    map[string]*channel
}

func newStack() *stack {
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		panic(err)
	}
	return &stack{
		api:         webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media)),
		connections: map[string]*connection{},
		channels:    map[string]*channel{},
	}
}

func (it *stack) pc(name string) *connection {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	return it.connections[name]
}

func (it *stack) ch(name string) (*channel, error) {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	if found := it.channels[name]; found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("no channel %s", name)
}

func (it *stack) setChannel(name string, channel *channel) {
	it.mutex.Lock()
	defer it.mutex.Unlock()
	it.channels[name] = channel
}

func (it *stack) operations() map[string]operation {
	withChannel := func(run func(*channel, arguments, time.Duration) (any, error)) operation {
		return func(args arguments, limit time.Duration) (any, error) {
			channel, err := it.ch(args.Ch)
			if err != nil {
				return nil, err
			}
			return run(channel, args, limit)
		}
	}
	return map[string]operation{
		"new":       it.create,
		"channel":   it.createChannel,
		"offer":     it.offer,
		"answer":    it.answer,
		"remote":    it.remote,
		"gathered":  it.gathered,
		"candidate": it.addCandidate,
		"incoming":  it.come,
		"state":     it.state,
		"close":     it.close,
		"opened": withChannel(func(channel *channel, _ arguments, limit time.Duration) (any, error) {
			state := func() string { return "the channel is " + channel.ReadyState().String() }
			if err := until(channel.isOpen, state, limit); err != nil {
				return nil, err
			}
			return channel.facts(), nil
		}),
		"send": withChannel(func(channel *channel, args arguments, _ time.Duration) (any, error) {
			for range max(args.Times, 1) {
				if err := channel.sendOne(args.Message); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}),
		"receive": withChannel(func(channel *channel, args arguments, limit time.Duration) (any, error) {
			return channel.take(args.Count, limit)
		}),
		"bulkSend": withChannel(func(channel *channel, args arguments, limit time.Duration) (any, error) {
			return channel.bulkSend(args.Count, args.Size, limit)
		}),
		"bulkReceive": withChannel(func(channel *channel, args arguments, limit time.Duration) (any, error) {
			return channel.bulkReceive(args.Count, limit)
		}),
		"closeChannel": withChannel(func(channel *channel, _ arguments, _ time.Duration) (any, error) {
			return nil, channel.Close()
		}),
		"closed": withChannel(func(channel *channel, _ arguments, limit time.Duration) (any, error) {
			state := func() string { return "the channel is " + channel.ReadyState().String() }
			return nil, until(channel.isClosed, state, limit)
		}),
	}
}

func (it *stack) create(args arguments, _ time.Duration) (any, error) {
	inner, err := it.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	made := &connection{PeerConnection: inner}
	inner.OnICECandidate(func(found *webrtc.ICECandidate) {
		notice := map[string]any{"event": "candidate", "pc": args.Pc, "candidate": nil}
		if found != nil {
			notice["candidate"] = found.ToJSON()
		}
		write(notice)
	})
	inner.OnDataChannel(func(came *webrtc.DataChannel) {
		watched := watch(came)
		it.mutex.Lock()
		defer it.mutex.Unlock()
		made.incoming = append(made.incoming, watched)
	})
	it.mutex.Lock()
	it.connections[args.Pc] = made
	it.mutex.Unlock()
	if !args.Media {
		return nil, nil
	}
	for _, kind := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeAudio, webrtc.RTPCodecTypeVideo} {
		if _, err := inner.AddTransceiverFromKind(kind); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (it *stack) createChannel(args arguments, _ time.Duration) (any, error) {
	init := args.Init
	created, err := it.pc(args.Pc).CreateDataChannel(args.Label, &webrtc.DataChannelInit{
		Ordered:           init.Ordered,
		MaxRetransmits:    init.MaxRetransmits,
		MaxPacketLifeTime: init.MaxPacketLifeTime,
		Protocol:          init.Protocol,
		Negotiated:        &init.Negotiated,
		ID:                init.ID,
	})
	if err == nil {
		it.setChannel(args.Ch, watch(created))
	}
	return nil, err
}

func (it *stack) local(pc *connection, made webrtc.SessionDescription, err error) (any, error) {
	if err == nil {
		err = pc.SetLocalDescription(made)
	}
	if err != nil {
		return nil, err
	}
	return pc.LocalDescription(), nil
}

func (it *stack) offer(args arguments, _ time.Duration) (any, error) {
	pc := it.pc(args.Pc)
	made, err := pc.CreateOffer(&webrtc.OfferOptions{ICERestart: args.Restart})
	return it.local(pc, made, err)
}

func (it *stack) answer(args arguments, _ time.Duration) (any, error) {
	pc := it.pc(args.Pc)
	made, err := pc.CreateAnswer(nil)
	return it.local(pc, made, err)
}

func (it *stack) remote(args arguments, _ time.Duration) (any, error) {
	return nil, it.pc(args.Pc).SetRemoteDescription(webrtc.SessionDescription{
		Type: webrtc.NewSDPType(args.Description.Type),
		SDP:  args.Description.Sdp,
	})
}

func (it *stack) gathered(args arguments, limit time.Duration) (any, error) {
	pc := it.pc(args.Pc)
	done := func() bool { return pc.ICEGatheringState() == webrtc.ICEGatheringStateComplete }
	state := func() string { return "gathering is " + pc.ICEGatheringState().String() }
	if err := until(done, state, limit); err != nil {
		return nil, err
	}
	return pc.LocalDescription(), nil
}

func (it *stack) addCandidate(args arguments, _ time.Duration) (any, error) {
	given := args.Candidate
	return nil, it.pc(args.Pc).AddICECandidate(webrtc.ICECandidateInit{
		Candidate:        given.Candidate,
		SDPMid:           given.SdpMid,
		SDPMLineIndex:    given.SdpMLineIndex,
		UsernameFragment: given.UsernameFragment,
	})
}

func (it *stack) come(args arguments, limit time.Duration) (any, error) {
	pc := it.pc(args.Pc)
	var found *channel
	find := func() bool {
		it.mutex.Lock()
		defer it.mutex.Unlock()
		at := slices.IndexFunc(pc.incoming, func(one *channel) bool { return one.Label() == args.Label })
		if at < 0 {
			return false
		}
		found = pc.incoming[at]
		pc.incoming = slices.Delete(pc.incoming, at, at+1)
		return true
	}
	state := func() string { return fmt.Sprintf("no channel %q came", args.Label) }
	if err := until(find, state, limit); err != nil {
		return nil, err
	}
	it.setChannel(args.Ch, found)
	return nil, nil
}

func (it *stack) state(args arguments, limit time.Duration) (any, error) {
	pc := it.pc(args.Pc)
	done := func() bool { return slices.Contains(args.Until, pc.ConnectionState().String()) }
	state := func() string { return "the connection is " + pc.ConnectionState().String() }
	err := until(done, state, limit)
	return pc.ConnectionState().String(), err
}

func (it *stack) close(args arguments, _ time.Duration) (any, error) {
	return nil, it.pc(args.Pc).Close()
}
