/** The command that a link of a page runs where no other does; what it is given is a `PageLink`. */
export const PAGE_LINK = 'claudeKimi.openPageLink';
