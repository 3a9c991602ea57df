"use strict";
(function () {
  var root = document.documentElement;
  function lang() { return document.getElementById("l-fr").checked ? "fr" : "en"; }
  function follow() { root.lang = lang(); }
  document.querySelectorAll("input[name=lang]").forEach(function (i) { i.addEventListener("change", follow); });
  follow();

  document.querySelectorAll("[data-js]").forEach(function (e) { e.hidden = false; });

  document.querySelectorAll(".copy").forEach(function (box) {
    var button = box.querySelector("button"), pre = box.querySelector("pre"), done = box.querySelector("[data-done]");
    if (!button) return;
    button.addEventListener("click", function () {
      function said() { done.hidden = false; setTimeout(function () { done.hidden = true; }, 2000); }
      function select() {
        var range = document.createRange();
        range.selectNodeContents(pre);
        var s = getSelection();
        s.removeAllRanges();
        s.addRange(range);
      }
      if (navigator.clipboard) navigator.clipboard.writeText(pre.textContent).then(said, select);
      else select();
    });
  });

  function filter(box) {
    var input = box.querySelector("input"), clear = box.querySelector("button"), none = box.querySelector("[data-none]");
    var shown = box.querySelector("[data-shown]"), scope = document.getElementById(box.dataset.for);
    var rows = Array.prototype.slice.call(scope.querySelectorAll("[data-row]"));
    var groups = Array.prototype.slice.call(scope.querySelectorAll("[data-group]")).reverse();
    function apply() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), n = 0;
      rows.forEach(function (r) {
        var text = (r.dataset.row + " " + r.textContent).toLowerCase();
        r.hidden = !words.every(function (w) { return text.indexOf(w) >= 0; });
        if (!r.hidden) n++;
      });
      groups.forEach(function (g) { g.hidden = words.length > 0 && !g.querySelector("[data-row]:not([hidden])"); });
      if (words.length) scope.querySelectorAll("details").forEach(function (d) { d.open = true; });
      shown.textContent = n + " / " + rows.length;
      none.hidden = n > 0;
      clear.hidden = words.length === 0;
    }
    input.addEventListener("input", apply);
    clear.addEventListener("click", function () { input.value = ""; apply(); input.focus(); });
    apply();
  }
  document.querySelectorAll(".tools").forEach(filter);

  addEventListener("beforeprint", function () { document.querySelectorAll("details").forEach(function (d) { d.open = true; }); });
})();
