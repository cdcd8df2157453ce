/** Light or dark: as the system says until a person chooses, then as chosen. */

const KEY = "shipmate.theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Answer the theme in force: `light` or `dark`. */
export function theme() {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") return chosen;
  return dark.matches ? "dark" : "light";
}

/** Put the theme in force now and whenever the system's changes. */
export function applyTheme() {
  document.documentElement.dataset.theme = theme();
  dark.onchange = () => {
    document.documentElement.dataset.theme = theme();
  };
}

/** Choose the other theme and remember it. */
export function switchTheme() {
  localStorage.setItem(KEY, theme() === "dark" ? "light" : "dark");
  document.documentElement.dataset.theme = theme();
}
