/** The repository that a person means who types its name, or pastes the address of a page of it. Pure. */
import { isRepoId } from '../catalogue/repo-id.ts';

const pagePattern = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\/([^?#\s]+)(?:[?#]\S*)?$/i;
/** First parts of addresses there that are no account. */
const noAccounts: ReadonlySet<string> = new Set([
  'api',
  'blog',
  'collections',
  'datasets',
  'docs',
  'join',
  'learn',
  'login',
  'models',
  'organizations',
  'papers',
  'posts',
  'settings',
  'spaces',
  'tasks',
]);

/** `null`: neither a name nor such an address. */
export function repoOfText(text: string): string | null {
  const plain = text.trim();
  const page = pagePattern.exec(plain)?.[1];
  const [owner = '', name = '', ...rest] = (page ?? plain).split('/');
  /** What follows the name in an address is a part of that page. */
  if (page === undefined && rest.length > 0) return null;
  const repo = `${owner}/${name}`;
  return isRepoId(repo) && !noAccounts.has(owner.toLowerCase()) ? repo : null;
}
