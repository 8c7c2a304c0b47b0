// A miniature server beside the page's own state: random things happen in a room, replies overtake events and fall behind
// them, and whenever nothing is pending the page's numbers must be the server's. Returns what went wrong, or null.

export async function run(seeds) {
  const { addOlder } = await import("/chat/model/room.js");
  const { recount } = await import("/chat/model/counts.js");
  const { apply, createState } = await import("/chat/model/state.js");
  const me = { id: 1, name: "alice", kind: "account", role: "member" };
  const people = [me, { id: 2, name: "bob" }, { id: 3, name: "carol" }];

  function check(seed) {
    let chance = seed * 2654435761 + 1;
    const random = (below) => {
      chance = (Math.imul(chance ^ (chance >>> 15), 2246822519) + 3266489917) >>> 0;
      return chance % below;
    };
    const server = { log: [], read: 0 };
    const state = createState();
    let inbox = [];
    let trace = [];
    const head = () => server.log.length;
    const messages = () => server.log.filter((event) => event.type === "message");
    const alive = () => messages().filter((message) => !server.log.some((event) => event.type === "deleted" && event.target === message.seq));
    const namesOf = (message) => server.log.findLast((event) => event.type === "edited" && event.target === message.seq)?.mentions ?? message.mentions;
    function numbers() {
      const unread = alive().filter((message) => message.seq > server.read && message.by.id !== me.id);
      return { read: server.read, head: head(), unread: unread.length, mentions: unread.filter((message) => namesOf(message).includes("alice")).length };
    }
    const summary = () => ({ name: "dev", kind: "public", topic: "", members: 3, joined: true, notify: "all", ...numbers() });
    /** Returns a message as it is now, for a page or a replayed event. */
    const standing = (message) => (alive().includes(message) ? { ...message, mentions: namesOf(message) } : { ...message, text: undefined, deleted: true });
    const again = (event) => (event.type === "message" ? { ...event, deleted: alive().includes(event) ? undefined : true } : event);
    function happens(event) {
      server.log.push({ ...event, room: "dev", seq: head() + 1, at: 1795412100000 });
      inbox.push(server.log.at(-1));
    }
    const take = () => {
      const frame = inbox.shift();
      trace.push(JSON.stringify(frame));
      apply(state, frame, { now: 0, shown: null, reading: false });
      // The page does this with the reply to its own command.
      const room = state.rooms.get(frame.room);
      if (frame.type !== "messages" || !room) return;
      addOlder(room, frame);
      recount(state, room);
    };
    const connect = () => {
      inbox = [];
      const cursor = state.rooms.get("dev")?.cursor ?? null;
      inbox.push({ type: "welcome", user: me, server: { name: "chat", log: "1" }, limits: {}, rooms: [summary()] });
      if (cursor !== null && random(4) === 0) inbox.push({ type: "reset", room: "dev", head: head() });
      else if (cursor !== null) inbox.push(...server.log.slice(cursor).map(again));
    };
    const someone = () => people[random(3)];
    const actions = [
      () => happens({ type: "message", by: someone(), text: "x", mentions: random(3) ? [] : ["alice"] }),
      () => happens({ type: "message", by: someone(), text: "x", mentions: random(2) ? ["bob"] : ["bob", "alice"] }),
      () => alive().length && happens({ type: "deleted", by: someone(), target: alive()[random(alive().length)].seq }),
      () => alive().length && happens({ type: "deleted", by: someone(), target: alive().at(-1).seq }),
      () => alive().length && happens({ type: "edited", by: someone(), target: alive()[random(alive().length)].seq, text: "y", mentions: random(2) ? ["alice"] : [] }),
      () => messages().length && happens({ type: "reacted", by: someone(), target: messages()[random(messages().length)].seq, emoji: "👍" }),
      () => happens({ type: "topic", by: someone(), topic: "t" }),
      // Another device reads on, or marks as unread.
      () => inbox.push({ type: "read", room: "dev", seq: (server.read = random(head() + 1)) }),
      () => inbox.push({ type: "read", room: "dev", seq: (server.read = head()) }),
      // The page opens the room, reads further back, or jumps.
      () => inbox.push({ type: "joined", id: 1, room: { name: "dev", kind: "public", topic: "", head: head() }, online: [], online_count: 0, messages: messages().slice(-3).map(standing) }),
      () => {
        const room = state.rooms.get("dev");
        if (inbox.length || !room?.loaded || room.detached || !room.more) return;
        const before = messages().filter((message) => message.seq < (room.items[0]?.seq ?? Infinity));
        inbox.push({ type: "messages", id: 2, room: "dev", messages: before.slice(-2).map(standing), more: before.length > 2 });
      },
      // A reply that is older than the frames before it.
      () => {
        const answer = { type: "rooms", id: 3, rooms: [summary()] };
        while (random(2)) actions[random(6)]();
        inbox.push(answer);
      },
      // A reply that is newer than the frames after it.
      () => inbox.splice(random(inbox.length + 1), 0, { type: "rooms", id: 3, rooms: [summary()] }),
      () => random(3) || connect(),
      () => inbox.length && take(),
      () => inbox.length && take(),
    ];
    connect();
    while (inbox.length) take();
    for (let turn = 0; turn < 60; turn++) {
      const wasAhead = inbox.some((frame) => frame.type === "read");
      actions[random(actions.length)]();
      // The page would ask again after a mark that overtook a reply: here it always does.
      if (wasAhead && random(2)) state.isUncounted = true;
      if (random(4)) continue;
      while (inbox.length) take();
      let asked = 0;
      do {
        if (state.isUncounted !== false) inbox.push({ type: "rooms", id: 4, rooms: [summary()] });
        state.isUncounted = false;
        while (inbox.length) take();
      } while (state.isUncounted && asked++ < 3);
      // An older reply may have brought an older mark, so the page asks once more.
      const room = state.rooms.get("dev");
      if (room.read !== server.read) {
        apply(state, { type: "rooms", id: 5, rooms: [summary()] }, { now: 0, shown: null, reading: false });
        if (state.isUncounted) return { seed, why: "it asks for ever", trace };
      }
      const { unread, mentions } = numbers();
      if (room.unread !== unread || room.mentions !== mentions) {
        return { seed, turn, page: [room.unread, room.mentions], server: [unread, mentions], read: server.read, trace: trace.slice(-12) };
      }
      trace = [];
    }
    return null;
  }

  // The server counts up to limits.unread, which is more than a page ever holds.
  const many = createState();
  const limits = { unread: 10000 };
  const told = { name: "dev", kind: "public", topic: "", members: 3, joined: true, notify: "all", read: 0, head: 4000, unread: 3500, mentions: 1200 };
  apply(many, { type: "welcome", user: me, server: { name: "chat", log: "1" }, limits, rooms: [told] }, { now: 0, shown: null, reading: false });
  const { unread, mentions } = many.rooms.get("dev");
  if (unread !== 3500 || mentions !== 1200) return { why: "the server's numbers are cut", page: [unread, mentions] };

  for (let seed = 1; seed <= seeds; seed++) {
    const wrong = check(seed);
    if (wrong) return wrong;
  }
  return null;
}
