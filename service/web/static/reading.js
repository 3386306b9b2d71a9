// The reading page: words and facts highlight each other, and filters apply at once.
// Without this script, anchors and the form do the same.
import { answering } from "./reading/answering.js";
import { glance } from "./reading/glance.js";
import { narrowing } from "./reading/narrowing.js";

const reading = document.getElementById("reading");
if (reading) {
  reading.classList.add("live");
  const answer = answering(reading);
  let watched = glance(reading);
  const form = document.querySelector("form.narrow");
  if (form) {
    narrowing(form, reading, () => {
      watched.disconnect();
      watched = glance(reading);
      answer();
    });
  }
}
