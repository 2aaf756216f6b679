// The boards that there are, each a link; the query (theme, language) goes along.

const boards = await (await fetch("/api/boards")).json();

document.getElementById("boards").replaceChildren(
  ...boards.map(({ name, title }) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/b/${encodeURIComponent(name)}${location.search}`;
    link.dir = "auto";
    link.textContent = title;
    item.append(link);
    return item;
  }),
);
