/** Emoji by the names that Slack gives them; a name that is not here stays as it was written, as Slack does. */

import { el } from "./dom.js";

const CHARACTERS = {
  white_check_mark: "✅", x: "❌", hourglass_flowing_sand: "⏳", hourglass: "⌛", rocket: "🚀", ship: "🚢",
  arrows_counterclockwise: "🔄", double_vertical_bar: "⏸️", pause_button: "⏸️", warning: "⚠️", no_entry: "⛔",
  no_entry_sign: "🚫", lock: "🔒", unlock: "🔓", bell: "🔔", no_bell: "🔕", eyes: "👀", rewind: "⏪", fast_forward: "⏩",
  stopwatch: "⏱️", large_green_circle: "🟢", large_yellow_circle: "🟡", large_orange_circle: "🟠", red_circle: "🔴",
  large_red_circle: "🔴", large_blue_circle: "🔵", large_purple_circle: "🟣", white_circle: "⚪", black_circle: "⚫",
  large_green_square: "🟩", large_red_square: "🟥", large_yellow_square: "🟨", raised_hand: "✋", hand: "✋",
  octagonal_sign: "🛑", stop_sign: "🛑", heavy_check_mark: "✔️", ballot_box_with_check: "☑️",
  heavy_multiplication_x: "✖️", negative_squared_cross_mark: "❎", heavy_plus_sign: "➕", heavy_minus_sign: "➖",
  question: "❓", grey_question: "❔", exclamation: "❗", heavy_exclamation_mark: "❗", grey_exclamation: "❕",
  bangbang: "‼️", interrobang: "⁉️", information_source: "ℹ️", bulb: "💡", fire: "🔥", boom: "💥", collision: "💥",
  zap: "⚡", sparkles: "✨", star: "⭐", star2: "🌟", dizzy: "💫", tada: "🎉", confetti_ball: "🎊", trophy: "🏆",
  medal: "🏅", crown: "👑", gem: "💎", "100": "💯", checkered_flag: "🏁", triangular_flag_on_post: "🚩",
  white_flag: "🏳️", package: "📦", anchor: "⚓", boat: "⛵", sailboat: "⛵", speedboat: "🚤", ferry: "⛴️",
  motor_boat: "🛥️", airplane: "✈️", helicopter: "🚁", truck: "🚚", construction: "🚧", building_construction: "🏗️",
  rotating_light: "🚨", traffic_light: "🚥", vertical_traffic_light: "🚦", hammer: "🔨", wrench: "🔧",
  nut_and_bolt: "🔩", hammer_and_wrench: "🛠️", gear: "⚙️", mag: "🔍", mag_right: "🔎", key: "🔑", old_key: "🗝️",
  closed_lock_with_key: "🔐", shield: "🛡️", link: "🔗", paperclip: "📎", pushpin: "📌", round_pushpin: "📍", memo: "📝",
  pencil: "📝", pencil2: "✏️", clipboard: "📋", calendar: "📆", date: "📅", spiral_calendar_pad: "🗓️",
  alarm_clock: "⏰", timer_clock: "⏲️", clock1: "🕐", clock2: "🕑", clock3: "🕒", clock9: "🕘", clock12: "🕛",
  watch: "⌚", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", bar_chart: "📊", book: "📖",
  books: "📚", page_facing_up: "📄", scroll: "📜", newspaper: "📰", label: "🏷️", bookmark: "🔖", file_folder: "📁",
  open_file_folder: "📂", card_index_dividers: "🗂️", wastebasket: "🗑️", inbox_tray: "📥", outbox_tray: "📤",
  email: "📧", envelope: "✉️", incoming_envelope: "📨", speech_balloon: "💬", thought_balloon: "💭", mega: "📣",
  loudspeaker: "📢", mute: "🔇", sound: "🔉", satellite_antenna: "📡", computer: "💻", desktop_computer: "🖥️",
  keyboard: "⌨️", iphone: "📱", floppy_disk: "💾", cd: "💿", battery: "🔋", electric_plug: "🔌",
  globe_with_meridians: "🌐", earth_africa: "🌍", earth_americas: "🌎", earth_asia: "🌏", cloud: "☁️", sunny: "☀️",
  rainbow: "🌈", snowflake: "❄️", umbrella: "☔", ocean: "🌊", whale: "🐳", whale2: "🐋", dolphin: "🐬", fish: "🐟",
  octopus: "🐙", crab: "🦀", bug: "🐛", ant: "🐜", bee: "🐝", cat: "🐱", dog: "🐶", robot_face: "🤖", alien: "👽",
  ghost: "👻", skull: "💀", skull_and_crossbones: "☠️", poop: "💩", hankey: "💩", smile: "😄", smiley: "😃",
  grinning: "😀", grin: "😁", laughing: "😆", joy: "😂", rolling_on_the_floor_laughing: "🤣", wink: "😉", blush: "😊",
  slightly_smiling_face: "🙂", upside_down_face: "🙃", heart_eyes: "😍", sunglasses: "😎", thinking_face: "🤔",
  neutral_face: "😐", face_with_rolling_eyes: "🙄", sweat_smile: "😅", sweat: "😓", cry: "😢", sob: "😭", scream: "😱",
  angry: "😠", rage: "😡", exploding_head: "🤯", sleeping: "😴", zzz: "💤", mask: "😷", face_palm: "🤦", shrug: "🤷",
  wave: "👋", "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", ok_hand: "👌", clap: "👏", raised_hands: "🙌",
  pray: "🙏", muscle: "💪", point_up: "☝️", point_down: "👇", point_left: "👈", point_right: "👉", v: "✌️",
  crossed_fingers: "🤞", handshake: "🤝", writing_hand: "✍️", heart: "❤️", green_heart: "💚", blue_heart: "💙",
  yellow_heart: "💛", purple_heart: "💜", broken_heart: "💔", coffee: "☕", beer: "🍺", beers: "🍻", pizza: "🍕",
  cake: "🍰", birthday: "🎂", apple: "🍎", popcorn: "🍿", arrow_up: "⬆️", arrow_down: "⬇️", arrow_left: "⬅️",
  arrow_right: "➡️", arrow_upper_right: "↗️", arrow_lower_right: "↘️", arrow_right_hook: "↪️",
  leftwards_arrow_with_hook: "↩️", arrows_clockwise: "🔃", arrow_forward: "▶️", arrow_backward: "◀️",
  black_right_pointing_double_triangle_with_vertical_bar: "⏭️",
  black_left_pointing_double_triangle_with_vertical_bar: "⏮️",
  black_right_pointing_triangle_with_double_vertical_bar: "⏯️", black_square_for_stop: "⏹️", stop_button: "⏹️",
  black_circle_for_record: "⏺️", arrow_double_up: "⏫", arrow_double_down: "⏬", repeat: "🔁", repeat_one: "🔂",
  twisted_rightwards_arrows: "🔀", back: "🔙", end: "🔚", soon: "🔜", top: "🔝", new: "🆕", up: "🆙", free: "🆓", ok: "🆗",
  sos: "🆘", cool: "🆒", one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", six: "6️⃣", seven: "7️⃣",
  eight: "8️⃣", nine: "9️⃣", zero: "0️⃣", keycap_ten: "🔟", hash: "#️⃣", diamond_shape_with_a_dot_inside: "💠",
  small_blue_diamond: "🔹", small_orange_diamond: "🔸", large_blue_diamond: "🔷", white_small_square: "▫️",
  black_small_square: "▪️", white_large_square: "⬜", black_large_square: "⬛", recycle: "♻️", infinity: "♾️",
  heavy_dollar_sign: "💲", moneybag: "💰", credit_card: "💳", shopping_trolley: "🛒", test_tube: "🧪", microscope: "🔬",
  telescope: "🔭", dart: "🎯", game_die: "🎲", crystal_ball: "🔮", magic_wand: "🪄", ring_buoy: "🛟", compass: "🧭",
  world_map: "🗺️", ladder: "🪜", bricks: "🧱", parrot: "🦜", turtle: "🐢", snail: "🐌", rabbit: "🐰", unicorn_face: "🦄",
  seedling: "🌱", evergreen_tree: "🌲", four_leaf_clover: "🍀", see_no_evil: "🙈", hear_no_evil: "🙉",
  speak_no_evil: "🙊", bust_in_silhouette: "👤", busts_in_silhouette: "👥", technologist: "🧑‍💻",
  "male-technologist": "👨‍💻", "female-technologist": "👩‍💻", police_car: "🚓", ambulance: "🚑", fire_engine: "🚒",
  bike: "🚲", tractor: "🚜", parking: "🅿️", loud_sound: "🔊", hugging_face: "🤗", partying_face: "🥳",
  saluting_face: "🫡", melting_face: "🫠", salt: "🧂", ice_cube: "🧊", cn: "🇨🇳", de: "🇩🇪", us: "🇺🇸", gb: "🇬🇧",
  "flag-eu": "🇪🇺",
};
const NAMES = Object.keys(CHARACTERS);
const SHORTCODE = /:([a-z0-9_+'-]+)(?:::skin-tone-[2-6])?:/g;

/**
 * Answer an emoji as a node that screen readers name.
 * @param {string} name without colons
 * @returns {HTMLElement|null} null when the name is not known
 */
export function emoji(name) {
  const bare = name.split("::")[0];
  if (!Object.hasOwn(CHARACTERS, bare)) return null;
  return el("span", { class: "emoji", role: "img", "aria-label": bare.replaceAll("_", " "), title: `:${bare}:` },
    CHARACTERS[bare]);
}

/**
 * Answer a text with its shortcodes as emoji, and nothing else of it changed.
 * @param {string} text
 * @returns {(Node|string)[]}
 */
export function withEmoji(text) {
  const found = [];
  let from = 0;
  for (const match of text.matchAll(SHORTCODE)) {
    const node = emoji(match[1]);
    if (!node) continue;
    if (match.index > from) found.push(text.slice(from, match.index));
    found.push(node);
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push(text.slice(from));
  return found;
}

/**
 * Answer the names that begin with, or else contain, what was typed.
 * @param {string} typed
 * @param {number} most
 * @returns {{name: string, character: string}[]}
 */
export function emojiLike(typed, most) {
  const starts = NAMES.filter((name) => name.startsWith(typed));
  const others = NAMES.filter((name) => !name.startsWith(typed) && name.includes(typed));
  return [...starts, ...others].slice(0, most).map((name) => ({ name, character: CHARACTERS[name] }));
}
