/** The sidebar, drawn from the table of views. */
import { views } from '../views/views.tsx';
import { commonWords } from '../words/index.ts';
import { Icon } from './icons.tsx';

interface NavigationProps {
  readonly current: string;
  readonly onChoose: (id: string) => void;
  readonly version: string;
}

export function Navigation({ current, onChoose, version }: NavigationProps) {
  return (
    <div class="sidebar">
      <nav aria-label={commonWords.sidebar}>
        <ul>
          {views.map((view) => (
            <li key={view.id}>
              <button
                type="button"
                class="sidebar-item"
                aria-current={view.id === current ? 'page' : undefined}
                onClick={() => onChoose(view.id)}
              >
                <Icon name={view.icon} />
                {view.label}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      {version !== '' && <footer class="sidebar-foot">{commonWords.version(version)}</footer>}
    </div>
  );
}
