const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** A text as HTML shows it, in an element or an attribute. Pure. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, one => entities[one] ?? one)
