// Runs before the first paint, so that a dark page never flashes white and a folded rail never jumps.
"use strict";
(() => {
  const root = document.documentElement;
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const kept = (name, fallback) => { try { return localStorage.getItem(name) || fallback; } catch { return fallback; } };
  const keep = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window: not remembered */ } };
  const paint = () => {
    const theme = kept("theme", "auto");
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    root.dataset.rail = kept("rail", "wide");
  };
  paint();
  dark.addEventListener("change", paint);
  window.addEventListener("storage", paint);
  document.addEventListener("click", (event) => {
    const theme = event.target.closest?.("[data-theme-set]");
    if (theme) keep("theme", theme.dataset.themeSet);
    if (event.target.closest?.("[data-rail-toggle]")) keep("rail", root.dataset.rail === "wide" ? "narrow" : "wide");
    if (theme || event.target.closest?.("[data-rail-toggle]")) paint();
  });
})();
