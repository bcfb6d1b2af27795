// A page that a person has nothing to decide on goes on by itself; without JavaScript the button does.
document.querySelector("form[data-go-on]")?.requestSubmit();
