/** The way to a model's page at Hugging Face, where its terms are accepted; the main process knows the address. */
import { CommandButton } from '../../parts/command-button.tsx';
import { modelWords as words } from '../../words/index.ts';

interface PageButtonProps {
  readonly repo: string;
  readonly name: string;
}

export function PageButton({ repo, name }: PageButtonProps) {
  return (
    <CommandButton
      call={{ name: 'link.open', input: { link: { modelRepo: repo } } }}
      label={words.openPage}
      name={words.openPageOf(name)}
    />
  );
}
