// The script of the page: a cursor that reads values, one choice of the axis for all figures, light or dark.
#include "report/html/page.h"

namespace batchwise {

const char* page_script() {
  return R"js('use strict';
(() => {
  const root = document.documentElement, tip = document.getElementById('tip');
  const svg = (name, attributes) => {
    const element = document.createElementNS(document.querySelector('svg.chart, svg.bars').namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  // Light or dark.
  const button = document.getElementById('theme');
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const dark = () => (root.dataset.theme || (prefersDark.matches ? 'dark' : 'light')) === 'dark';
  const label = () => { button.textContent = dark() ? 'Light' : 'Dark'; button.setAttribute('aria-label', `Use ${dark() ? 'light' : 'dark'} colours`); };
  const kept = { get: () => { try { return localStorage.getItem('batchwise-theme'); } catch { return null; } },
                 set: value => { try { localStorage.setItem('batchwise-theme', value); } catch { } } };
  if (kept.get() === 'dark' || kept.get() === 'light') root.dataset.theme = kept.get();
  button.hidden = false;
  button.addEventListener('click', () => { root.dataset.theme = dark() ? 'light' : 'dark'; kept.set(root.dataset.theme); label(); });
  prefersDark.addEventListener('change', label);
  label();

  // The axis chosen in one figure is chosen in all that have it.
  document.addEventListener('change', event => {
    const by = event.target.dataset && event.target.dataset.by;
    if (!by) return;
    const top = event.target.getBoundingClientRect().top;
    for (const input of document.querySelectorAll('.views > input')) if (input.dataset.by === by) input.checked = true;
    scrollBy({ top: event.target.getBoundingClientRect().top - top, behavior: 'instant' });
  });

  // The cursor: what the pointer or the arrow keys are at.
  for (const chart of document.querySelectorAll('svg.chart')) {
    const hits = [...chart.querySelectorAll('.hit')], cursor = chart.querySelector('.cursor');
    const texts = hits.map(hit => { const title = hit.querySelector('title'), text = title.textContent; title.remove(); return text; });
    const height = Number(chart.getAttribute('height'));
    let at = -1;
    const leave = () => { cursor.replaceChildren(); tip.hidden = true; };
    const show = index => {
      if (index < 0 || index >= hits.length) return;
      at = index;
      const { x, dots } = hits[at].dataset;
      cursor.replaceChildren(svg('line', { x1: x + '%', x2: x + '%', y1: 0, y2: height }));
      for (const dot of dots ? dots.split(' ') : []) {
        const [y, colour] = dot.split(':');
        cursor.append(svg('circle', { cx: x + '%', cy: y, r: 4.5, class: 'c' + colour }));
      }
      tip.textContent = texts[at];
      tip.hidden = false;
      const box = chart.getBoundingClientRect(), wide = root.clientWidth;
      const left = box.left + box.width * x / 100, over = left + tip.offsetWidth + 24 > wide;
      tip.style.left = Math.max(8, over ? left - tip.offsetWidth - 14 : left + 14) + scrollX + 'px';
      tip.style.top = box.top + scrollY + 8 + 'px';
    };
    chart.addEventListener('pointermove', event => { const index = hits.indexOf(event.target); if (index >= 0) show(index); });
    chart.addEventListener('pointerdown', event => { const index = hits.indexOf(event.target); if (index >= 0) show(index); });
    chart.addEventListener('pointerleave', leave);
    chart.addEventListener('blur', leave);
    chart.addEventListener('keydown', event => {
      const next = { ArrowRight: at + 1, ArrowLeft: at < 0 ? hits.length - 1 : at - 1, Home: 0, End: hits.length - 1 }[event.key];
      if (event.key === 'Escape') leave();
      if (next === undefined) return;
      event.preventDefault();
      show(Math.min(Math.max(next, 0), hits.length - 1));
    });
  }
})();
)js";
}

}  // namespace batchwise
