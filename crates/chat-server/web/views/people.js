// Who is online in the room shown.

export class People {
  #list = document.getElementById("people-list");
  #count = document.getElementById("people-count");
  #button = document.getElementById("online-count");

  render(state) {
    const room = state.rooms.get(state.current);
    this.#count.textContent = room?.onlineCount ?? "";
    this.#button.textContent = room ? `● ${room.onlineCount}` : "";
    const users = [...(room?.online.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#list.replaceChildren(
      ...users.map((user) => {
        const li = document.createElement("li");
        const name = document.createElement("span");
        name.dir = "auto";
        name.className = `name c${user.id % 6}`;
        name.textContent = user.name;
        li.append(name, user.id === state.me?.id ? " (you)" : "");
        return li;
      }),
    );
  }
}
