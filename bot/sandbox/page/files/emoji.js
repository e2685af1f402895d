// Shortcodes of the emoji that messages commonly use. What is not here stays as it was written.

const NAMES = `+1 👍 -1 👎 thumbsup 👍 thumbsdown 👎 ok_hand 👌 clap 👏 wave 👋 pray 🙏 muscle 💪 raised_hands 🙌
handshake 🤝 point_right 👉 point_left 👈 point_up 👆 point_down 👇 eyes 👀 smile 😄 slightly_smiling_face 🙂
grin 😁 joy 😂 wink 😉 thinking_face 🤔 cry 😢 sob 😭 sweat_smile 😅 heart ❤️ tada 🎉 rocket 🚀 fire 🔥 star ⭐
sparkles ✨ zap ⚡ boom 💥 bulb 💡 bell 🔔 no_bell 🔕 mega 📣 loudspeaker 📢 white_check_mark ✅
heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ heavy_plus_sign ➕ heavy_minus_sign ➖ warning ⚠️
rotating_light 🚨 no_entry ⛔ red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢
large_blue_circle 🔵 white_circle ⚪ black_circle ⚫ large_purple_circle 🟣 hourglass ⌛
hourglass_flowing_sand ⏳ alarm_clock ⏰ stopwatch ⏱️ clock1 🕐 calendar 📅 date 📅 spiral_calendar_pad 🗓️
double_vertical_bar ⏸️ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ leftwards_arrow_with_hook ↩️
arrows_counterclockwise 🔄 repeat 🔁 link 🔗 paperclip 📎 pushpin 📌 memo 📝 pencil2 ✏️ email 📧 envelope ✉️
incoming_envelope 📨 inbox_tray 📥 outbox_tray 📤 telephone_receiver 📞 phone ☎️ iphone 📱 calling 📲
speech_balloon 💬 moneybag 💰 dollar 💵 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊
trophy 🏆 first_place_medal 🥇 checkered_flag 🏁 triangular_flag_on_post 🚩 dart 🎯 mag 🔍 mag_right 🔎 lock 🔒
unlock 🔓 key 🔑 gear ⚙️ hammer_and_wrench 🛠️ wastebasket 🗑️ package 📦 briefcase 💼 office 🏢 house 🏠
bust_in_silhouette 👤 busts_in_silhouette 👥 coffee ☕ beach_with_umbrella 🏖️ palm_tree 🌴 zzz 💤 seedling 🌱
recycle ♻️ snowflake ❄️ sunny ☀️ robot_face 🤖 information_source ℹ️ question ❓ exclamation ❗ 100 💯`;

const words = NAMES.split(/\s+/);
const BY_NAME = new Map();
for (let index = 0; index < words.length; index += 2) BY_NAME.set(words[index], words[index + 1]);

/** The emoji of a shortcode's name, or nothing. */
export function emojiNamed(name) {
  return BY_NAME.get(name) ?? "";
}

/** A text with every known `:shortcode:` replaced. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => BY_NAME.get(name) ?? whole);
}
