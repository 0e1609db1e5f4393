/**
 * Whether a press on a dialog element is on what lies behind the dialog. Its own edges and gaps
 * are not: a button that moves away under the pointer must not close it.
 *
 * @param {MouseEvent} event
 */
export function isOnBackdrop({ target, currentTarget, clientX, clientY }) {
  if (target !== currentTarget || !(target instanceof Element)) return false;
  const { left, right, top, bottom } = target.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
