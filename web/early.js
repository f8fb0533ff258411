// Before the first paint: the theme that was chosen, if one was.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("chat.theme");
  } catch {
    // Forbidden: the system's theme it is.
  }
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
})();
