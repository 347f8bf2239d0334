// SPDX-License-Identifier: GPL-2.0-or-later
// Hides a PIN after its time, or at once on Escape. Without this the page leaves
// the screen by itself all the same.
(() => {
	"use strict";
	const pin = document.getElementById("pin");
	const left = document.getElementById("left");
	if (!pin || !left)
		return;
	let seconds = Number(pin.dataset.seconds);
	const hide = () => {
		clearInterval(timer);
		pin.textContent = "hidden";
		document.getElementById("pin-note").textContent =
			"The PIN is hidden. Ask for it again if it was not heard.";
	};
	const timer = setInterval(() => {
		seconds -= 1;
		left.textContent = seconds;
		if (seconds <= 0)
			hide();
	}, 1000);
	addEventListener("keydown", (event) => {
		if (event.key === "Escape")
			hide();
	});
	addEventListener("pagehide", hide);
	document.getElementById("hide").focus();
})();
